import {
  type ApiProblem,
  api,
  asProblem,
  type Form,
  type FormValues,
  type Job,
  NusaElement,
  type Plan,
} from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, query, state } from 'lit/decorators.js'
import type { Runtimes } from '../api.js'
import './site-fields.js'
import { bodyOf } from './site-fields.js'
import { siteUrl, t } from './texts.js'

/** After the last change before the plan is made again. Milliseconds. */
const pause = 350

/** Creates a site: a short form, its plan beside it as it is typed, then the job in the same place, then the link. */
@customElement('nusa-sites-new')
export class SiteNew extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .columns {
        display: grid;
        grid-template-columns: minmax(0, 1.1fr) minmax(0, 1fr);
        gap: 28px;
        align-items: start;
      }
      @media (max-width: 1080px) {
        .columns {
          grid-template-columns: minmax(0, 1fr);
        }
      }
      aside {
        position: sticky;
        top: 78px;
        padding: var(--nusa-space-5);
        border: 1px solid var(--nusa-border);
        border-radius: var(--nusa-radius-lg);
        background: var(--nusa-surface);
        --nusa-diff-height: 300px;
      }
      aside h2 {
        margin-bottom: 12px;
      }
      .stale {
        opacity: 0.55;
      }
      .done {
        display: flex;
        flex-direction: column;
        gap: 16px;
      }
      .live {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 14px;
        padding: 18px 20px;
        border-radius: var(--nusa-radius-lg);
        background: var(--nusa-success-soft);
      }
      .live nusa-icon {
        color: var(--nusa-success);
      }
      .live h2:focus {
        outline: none;
      }
    `,
  ]
  @state() private runtimes: Runtimes | undefined
  @state() private plan: Plan | undefined
  @state() private problem: ApiProblem | undefined
  @state() private planning = false
  @state() private jobId = ''
  @state() private siteId = ''
  @state() private domain = ''
  @state() private outcome: Job['state'] | undefined
  @state() private error: unknown
  @query('nusa-form') private form!: Form
  /** The body that the plan is of. */
  #planned = ''
  #timer: ReturnType<typeof setTimeout> | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  async #load(): Promise<void> {
    this.error = undefined
    try {
      this.runtimes = await api.get<Runtimes>('/sites/runtimes')
    } catch (error) {
      this.error = error
    }
  }

  #changed = (): void => {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#preview(), pause)
  }

  /** The plan as far as the form is filled; what is still missing is said quietly, not as an error. */
  async #preview(): Promise<void> {
    const body = bodyOf(this.form.values, this.runtimes)
    if (this.form.fields.some(field => field.check())) {
      this.#planned = ''
      this.plan = undefined
      this.problem = undefined
      return
    }
    const key = JSON.stringify(body)
    this.planning = true
    try {
      await this.#makePlan(body, key)
    } catch (error) {
      if (key === this.#planned) {
        this.plan = undefined
        this.problem = asProblem(error)
      }
    } finally {
      if (key === this.#planned) this.planning = false
    }
  }

  async #makePlan(body: FormValues, key: string): Promise<Plan> {
    this.#planned = key
    const plan = await api.plan('POST', '/sites', body)
    if (key === this.#planned) {
      this.plan = plan
      this.problem = undefined
    }
    return plan
  }

  #submit = async (values: FormValues): Promise<void> => {
    clearTimeout(this.#timer)
    const body = bodyOf(values, this.runtimes)
    const key = JSON.stringify(body)
    try {
      const plan = this.plan && key === this.#planned && !this.problem ? this.plan : await this.#makePlan(body, key)
      const accepted = await api.change('POST', '/sites', body, { planHash: plan.hash })
      this.domain = String(body.domain)
      this.siteId = String(accepted.id ?? '')
      this.jobId = accepted.job.id
    } catch (error) {
      const problem = asProblem(error)
      if (problem.code === 'plan_outdated') await this.#makePlan(body, key)
      else this.problem = problem
      throw error
    }
  }

  #settled = async (event: CustomEvent<Job>): Promise<void> => {
    this.outcome = event.detail.state
    this.siteId ||= event.detail.resourceId ?? ''
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>('.live h2')?.focus()
  }

  get #heading(): string {
    if (!this.jobId) return t('ui.new.heading')
    return this.outcome === 'succeeded' ? this.domain : t('ui.new.creating', { domain: this.domain })
  }

  override render(): TemplateResult {
    return html`<nusa-page
      heading=${this.#heading}
      lead=${this.jobId ? '' : t('ui.new.lead')}
      back="/sites"
      backLabel=${t('sites.nav')}
    >
      ${
        this.error
          ? html`<nusa-failure .error=${this.error} .retry=${() => void this.#load()}></nusa-failure>`
          : this.jobId
            ? this.#job()
            : this.runtimes
              ? this.#form()
              : html`<nusa-skeleton lines="8"></nusa-skeleton>`
      }
    </nusa-page>`
  }

  #form(): TemplateResult {
    return html`<div class="columns">
      <nusa-form .handle=${this.#submit} @nusa-change=${this.#changed}>
        <nusa-sites-fields .runtimes=${this.runtimes}></nusa-sites-fields>
        <div class="row">
          <nusa-button variant="primary" type="submit">${t('ui.new.submit')}</nusa-button>
          <nusa-button variant="quiet" href="/sites">${t('action.cancel')}</nusa-button>
        </div>
      </nusa-form>
      <aside aria-labelledby="plan-heading">
        <h2 id="plan-heading">${t('ui.new.plan')}</h2>
        ${this.#plan()}
      </aside>
    </div>`
  }

  #plan(): TemplateResult {
    const { plan, problem } = this
    if (problem && problem.fields.length === 0)
      return html`<nusa-callout tone="warning" heading=${problem.reason}>${problem.remedy ?? nothing}</nusa-callout>`
    if (problem)
      return html`<p class="muted">${t('ui.new.plan.incomplete')}</p>
        ${problem.fields.map(field => html`<p class="muted small">${field.message}</p>`)}`
    if (!plan) return html`<p class="muted">${t(this.planning ? 'state.loading' : 'ui.new.plan.empty')}</p>`
    return html`<nusa-plan class=${this.planning ? 'stale' : ''} .plan=${plan} owner="sites"></nusa-plan>`
  }

  #job(): TemplateResult {
    return html`<div class="done">
      ${this.outcome === 'succeeded' ? this.#live() : nothing}
      <div class="panel"><nusa-job job-id=${this.jobId} @nusa-settled=${this.#settled}></nusa-job></div>
      ${
        this.outcome && this.outcome !== 'succeeded'
          ? html`<div class="row">
            <nusa-button
              variant="primary"
              @click=${() => {
                this.jobId = ''
                this.outcome = undefined
              }}
              >${t('ui.new.again')}</nusa-button
            >
            <nusa-button href="/sites">${t('ui.new.to-list')}</nusa-button>
          </div>`
          : nothing
      }
    </div>`
  }

  #live(): TemplateResult {
    return html`<div class="live">
      <div>
        <h2 tabindex="-1"><nusa-icon name="check-circle"></nusa-icon> ${t('ui.new.live', { domain: this.domain })}</h2>
        <p class="muted">${t('ui.new.live.text')}</p>
      </div>
      <div class="row">
        <nusa-button variant="primary" icon="external" target="_blank" href=${siteUrl(this.domain, this.runtimes?.ports.http ?? 80)}
          >${t('ui.open')}</nusa-button
        >
        <nusa-button href=${this.siteId ? `/sites/${this.siteId}` : '/sites'}>${t('ui.new.manage')}</nusa-button>
      </div>
    </div>`
  }
}
