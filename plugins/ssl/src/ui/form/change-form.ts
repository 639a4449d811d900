import {
  type ApiProblem,
  api,
  asProblem,
  type ChangeRequest,
  type Form,
  type FormValues,
  fieldText,
  NusaElement,
  type Plan,
} from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { query, state } from 'lit/decorators.js'
import { keyed } from 'lit/directives/keyed.js'
import { t } from '../texts.js'

/** After the last change before the plan is made again. Milliseconds. */
const pause = 350

/**
 * A form that asks for a change. Its plan is shown when it is asked for, or as it is typed where `live`; what was shown is
 * applied exactly. Fires `nusa-ssl-started` with the id of the job, and leaves showing that to who hears it.
 */
export abstract class ChangeForm extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .fields {
        display: flex;
        flex-direction: column;
        gap: var(--nusa-space-5);
        max-width: 760px;
      }
      .pair {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 220px), 1fr));
        gap: var(--nusa-space-4);
        align-items: start;
      }
      .plan {
        margin-top: var(--nusa-space-5);
        padding: var(--nusa-space-4) var(--nusa-space-5);
        border: 1px solid var(--nusa-border);
        border-radius: var(--nusa-radius-lg);
        background: var(--nusa-sunken);
        --nusa-diff-height: 300px;
      }
      .plan h3 {
        margin-bottom: 12px;
        scroll-margin-top: 90px;
      }
      h3:focus {
        outline: none;
      }
      .buttons {
        margin-top: var(--nusa-space-5);
      }
      summary {
        width: fit-content;
        cursor: pointer;
        font-weight: 560;
        color: var(--nusa-link);
        border-radius: 4px;
      }
      details[open] > summary {
        margin-bottom: 16px;
      }
    `,
  ]
  @state() protected plan: Plan | undefined
  @state() private planning = false
  /** Why there is no plan, while nobody has asked for one. */
  @state() private problem: ApiProblem | undefined
  /** A new number makes the fields new, with the values that are saved. */
  @state() private generation = 0
  @query('nusa-form') protected form!: Form
  /** Whether the plan follows the typing. */
  protected readonly live: boolean = false
  /** The request that `plan` is of. */
  #planned = ''
  #previewing = false
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Kit fields, named by the paths of the request's body. */
  protected abstract fields(): TemplateResult
  /** What the values ask for; undefined while there is nothing to ask. */
  protected abstract request(values: FormValues): ChangeRequest | undefined
  /** What assistive technology calls it. */
  protected abstract get label(): string
  protected abstract get submitText(): string

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  /** Something was typed: a plan of before is no plan of this. */
  protected typed(): void {
    clearTimeout(this.#timer)
    this.problem = undefined
    if (this.live) this.#timer = setTimeout(() => void this.#follow(), pause)
    else this.plan = undefined
  }

  /** Puts what is saved into the fields again. */
  protected reset(): void {
    clearTimeout(this.#timer)
    this.plan = undefined
    this.problem = undefined
    this.generation++
  }

  async #follow(): Promise<void> {
    const request = this.request(this.form.values)
    if (!request || this.form.fields.some(field => field.check())) {
      this.plan = undefined
      return
    }
    try {
      await this.#makePlan(request)
    } catch (error) {
      this.plan = undefined
      this.problem = asProblem(error)
    }
  }

  async #makePlan(request: ChangeRequest): Promise<Plan> {
    const key = JSON.stringify(request)
    this.#planned = key
    this.planning = true
    try {
      const plan = await api.plan(request.method, request.path, request.body)
      if (key === this.#planned) {
        this.plan = plan
        this.problem = undefined
      }
      return plan
    } finally {
      this.planning = false
    }
  }

  #preview = async (): Promise<void> => {
    this.#previewing = true
    try {
      await this.form.submit()
    } finally {
      this.#previewing = false
    }
  }

  #send = async (values: FormValues): Promise<void> => {
    clearTimeout(this.#timer)
    const request = this.request(values)
    if (!request) return
    if (this.#previewing) {
      await this.#makePlan(request)
      return this.#toPlan()
    }
    const shown = JSON.stringify(request) === this.#planned ? this.plan : undefined
    const { hash } = shown ?? (await this.#makePlan(request))
    if (this.live && !shown) return this.#toPlan()
    try {
      const { job } = await api.change(request.method, request.path, request.body, { planHash: hash })
      this.plan = undefined
      this.emit('nusa-ssl-started', job.id)
    } catch (error) {
      if (asProblem(error).code === 'plan_outdated') await this.#makePlan(request)
      throw error
    }
  }

  async #toPlan(): Promise<void> {
    await this.updateComplete
    const heading = this.renderRoot.querySelector<HTMLElement>('.plan h3')
    heading?.focus({ preventScroll: true })
    heading?.scrollIntoView({ block: 'nearest' })
  }

  override render(): TemplateResult {
    return html`<nusa-form label=${this.label} .handle=${this.#send} @nusa-change=${() => this.typed()}>
        ${keyed(this.generation, this.fields())} ${this.live ? nothing : this.buttons()}
      </nusa-form>
      ${this.#plan()} ${this.live ? this.buttons() : nothing}`
  }

  protected buttons(): TemplateResult | typeof nothing {
    return html`<div class="row">
      <nusa-button variant="primary" type="submit">${this.submitText}</nusa-button>
      <nusa-button icon="eye" ?busy=${this.planning && this.#previewing} @click=${this.#preview}>${t('ui.form.preview')}</nusa-button>
      <slot></slot>
    </div>`
  }

  #plan(): TemplateResult | typeof nothing {
    const { plan, problem } = this
    if (!plan && !problem) return nothing
    return html`<section class="plan" aria-labelledby="plan">
      <h3 id="plan" tabindex="-1">${t('plan.heading')}</h3>
      ${
        plan
          ? html`<nusa-plan .plan=${plan} owner="ssl" ?expanded=${plan.files.filter(({ action }) => action !== 'none').length === 1}></nusa-plan>`
          : html`<p>${problem?.reason} ${problem?.remedy ?? nothing}</p>
              ${problem?.fields.filter(({ code }) => code !== problem.code).map(field => html`<p class="small muted">${fieldText(field)}</p>`)}`
      }
    </section>`
  }
}
