import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { api, type Method, type RequestOptions } from '../core/api.js'
import { NusaElement } from '../core/element.js'
import { followJob, type Job, openJob } from '../core/jobs.js'
import { t } from '../core/messages.js'
import { type ApiProblem, asProblem } from '../core/problem.js'
import type { Plan } from '../core/wire.js'
import './button.js'
import './callout.js'
import './dialog.js'
import './job.js'
import './plan.js'
import './states.js'
import './text-field.js'

/** A request of a changing route, as it will be sent. */
export interface ChangeRequest {
  readonly method: Method
  /** Below `/api/v1`. */
  readonly path: string
  readonly body?: unknown
  readonly query?: RequestOptions['query']
}

/**
 * A change from plan to end, in one dialog: shows what it would do, where it destroys something asks for the `name` of the thing,
 * applies exactly the plan that was shown, and follows the job. Choices that alter the request go in the slot.
 * Fires `nusa-close`, and `nusa-settled` with the job when it ends, even if the dialog was closed before.
 */
@customElement('nusa-confirm')
export class Confirm extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: contents;
      }
      .body {
        display: flex;
        flex-direction: column;
        gap: var(--nusa-space-4);
      }
      .body > h3 {
        margin-bottom: -6px;
      }
    `,
  ]
  @property({ type: Boolean }) open = false
  @property() heading = ''
  @property() text = ''
  /** What has to be typed before; empty when nothing is destroyed. */
  @property() name = ''
  /** Label of the button that does it. */
  @property() action = ''
  /** Whose catalogue names the plan's steps. */
  @property() owner = 'kernel'
  @property({ attribute: false }) request?: ChangeRequest
  @state() private plan: Plan | undefined
  @state() private problem: ApiProblem | undefined
  @state() private typed = ''
  @state() private busy = false
  @state() private jobId = ''
  @state() private ended: Job | undefined
  #planned = ''
  /** Aborted when the page goes. */
  #left = new AbortController()

  override connectedCallback(): void {
    super.connectedCallback()
    this.#left = new AbortController()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#left.abort()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!this.open || this.jobId || !(changed.has('open') || changed.has('request'))) return
    const key = JSON.stringify(this.request)
    if (key !== this.#planned) void this.#makePlan(key)
  }

  async #makePlan(key: string): Promise<void> {
    const request = this.request
    if (!request) return
    this.#planned = key
    this.plan = undefined
    this.problem = undefined
    try {
      const plan = await api.plan(request.method, request.path, request.body, optionsOf(request))
      if (this.#planned === key) this.plan = plan
    } catch (error) {
      if (this.#planned === key) this.problem = asProblem(error)
    }
  }

  #go = async (): Promise<void> => {
    const { request, plan } = this
    if (this.busy || !request || !plan || !this.#named) return
    this.busy = true
    this.problem = undefined
    try {
      const options = { ...optionsOf(request), planHash: plan.hash }
      const { job } = await api.change(request.method, request.path, request.body, options)
      if (this.open) this.jobId = job.id
      else {
        openJob(job.id)
        void this.#followOn(job.id)
      }
    } catch (error) {
      const problem = asProblem(error)
      if (problem.code === 'plan_outdated') await this.#makePlan(this.#planned)
      this.problem = problem
    } finally {
      this.busy = false
    }
  }

  get #named(): boolean {
    return !this.name || this.typed.trim() === this.name
  }

  #close = (): void => {
    if (!this.open) return
    if (this.jobId && !this.ended) void this.#followOn(this.jobId)
    this.open = false
    this.typed = ''
    this.jobId = ''
    this.ended = undefined
    this.problem = undefined
    this.plan = undefined
    this.#planned = ''
    this.emit('nusa-close')
  }

  /** The dialog was closed, but the job goes on: the page around still has to hear how it ends. */
  async #followOn(id: string): Promise<void> {
    const { signal } = this.#left
    try {
      const job = await followJob(id, { job: () => {} }, signal)
      if (!signal.aborted) this.emit('nusa-settled', job)
    } catch {
      // The page shows what it asks for next.
    }
  }

  override render(): TemplateResult {
    return html`<nusa-dialog
      wide
      ?open=${this.open}
      heading=${this.heading}
      @nusa-close=${(event: Event) => {
        event.stopPropagation()
        this.#close()
      }}
    >
      ${this.jobId ? this.#job() : this.#question()}
    </nusa-dialog>`
  }

  #job(): TemplateResult {
    const done = this.ended?.state === 'succeeded'
    return html`<nusa-job
        job-id=${this.jobId}
        @nusa-settled=${(event: CustomEvent<Job>) => {
          this.ended = event.detail
        }}
      ></nusa-job>
      <nusa-button slot="footer" variant=${done ? 'primary' : 'default'} @click=${this.#close}
        >${t(done ? 'action.done' : 'action.close')}</nusa-button
      >`
  }

  /** What the fields say besides the problem itself. */
  #fieldTexts({ code, fields }: ApiProblem): TemplateResult[] {
    return fields.filter(field => field.code !== code).map(field => html`<p>${field.message}</p>`)
  }

  #question(): TemplateResult {
    return html`<div class="body">
        ${this.text ? html`<p>${this.text}</p>` : nothing}
        <slot></slot>
        ${
          this.problem
            ? html`<nusa-callout tone="danger" alert heading=${this.problem.reason}>
              ${this.#fieldTexts(this.problem)} ${this.problem.remedy ?? nothing}
            </nusa-callout>`
            : nothing
        }
        ${this.plan || !this.problem ? html`<h3>${t('plan.heading')}</h3>` : nothing}
        ${
          this.plan
            ? html`<nusa-plan .plan=${this.plan} owner=${this.owner}></nusa-plan>`
            : this.problem
              ? nothing
              : html`<nusa-skeleton></nusa-skeleton>`
        }
        ${this.name ? this.#nameField() : nothing}
      </div>
      <nusa-button slot="footer" @click=${this.#close}>${t('action.cancel')}</nusa-button>
      <nusa-button
        slot="footer"
        variant=${this.name ? 'danger' : 'primary'}
        ?disabled=${!this.plan || !this.request || !this.#named}
        ?busy=${this.busy}
        @click=${this.#go}
        >${this.action}</nusa-button
      >`
  }

  #nameField(): TemplateResult {
    return html`<nusa-text-field
      label=${t('confirm.label', { name: this.name })}
      mono
      .value=${this.typed}
      @nusa-change=${(event: CustomEvent<{ value?: string }>) => {
        event.stopPropagation()
        this.typed = event.detail.value ?? ''
      }}
      @nusa-request-submit=${this.#go}
    ></nusa-text-field>`
  }
}

function optionsOf({ query }: ChangeRequest): RequestOptions {
  return query ? { query } : {}
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-confirm': Confirm
  }
}
