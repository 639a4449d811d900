import {
  type ApiProblem,
  api,
  asProblem,
  type ChangeRequest,
  type Form,
  type FormValues,
  fieldText,
  type Job,
  NusaElement,
  type Plan,
} from '@nusantara/sdk/ui'
import { html, nothing, type TemplateResult } from 'lit'
import { query, state } from 'lit/decorators.js'
import { keyed } from 'lit/directives/keyed.js'
import { t } from '../texts.js'
import { plannedStyles } from './planned-styles.js'

/** After the last change before the plan is made again. Milliseconds. */
const pause = 350

/**
 * A form whose plan stands beside it: made again as it is typed, then applied exactly as shown, then the job in its place.
 * What is typed stays after a refusal and after a failed job. Bad fields get the server's words when it is sent; before, the
 * plan says quietly what it still waits for.
 */
export abstract class PlannedForm extends NusaElement {
  static override styles = [...NusaElement.styles, plannedStyles]

  @state() protected plan: Plan | undefined
  @state() protected problem: ApiProblem | undefined
  @state() protected planning = false
  @state() protected sending = false
  @state() protected jobId = ''
  @state() protected outcome: Job['state'] | undefined
  /** A new number makes the fields new, with the values that are saved. */
  @state() protected generation = 0
  @query('nusa-form') protected form!: Form
  /** Whether the plan follows the typing. Without, it is made when it is asked for: its route wants a proof first. */
  protected readonly live: boolean = true
  /** Whether what is sent before its plan was seen is applied with that plan, instead of showing it first. */
  protected readonly quick: boolean = false
  /** The plan was made because it had not been seen; it waits to be looked at. */
  @state() protected look = false
  /** The request that is being planned or was planned last. */
  #planned = ''
  /** The request that `plan` is of; an older one while a newer plan is on its way. */
  #shown = ''
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Kit fields, named by the paths of the request's body. */
  protected abstract fields(): TemplateResult
  /** What the values ask for; undefined while there is nothing to ask. */
  protected abstract request(values: FormValues): ChangeRequest | undefined
  /** Below the fields. */
  protected buttons(): TemplateResult | typeof nothing {
    return nothing
  }

  /** Below the plan. */
  protected decision(): TemplateResult | typeof nothing {
    return nothing
  }

  /** In place of a plan, while there is nothing to plan. */
  protected abstract get invitation(): string

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  /** Puts what is saved into the fields again. */
  protected reset(): void {
    clearTimeout(this.#timer)
    this.forgetPlan()
    this.generation++
  }

  protected forgetPlan(): void {
    this.#planned = ''
    this.planning = false
    this.plan = undefined
    this.problem = undefined
  }

  /** Something was typed. */
  protected typed(): void {
    clearTimeout(this.#timer)
    this.jobId = ''
    this.outcome = undefined
    this.look = false
    if (!this.live) this.forgetPlan()
    else this.#timer = setTimeout(() => void this.#preview(), pause)
  }

  /** The plan as far as the form is filled; what is still missing is said quietly, not as an error. */
  async #preview(): Promise<void> {
    const request = this.request(this.form.values)
    if (!request || this.form.fields.some(field => field.check())) return this.forgetPlan()
    const key = JSON.stringify(request)
    try {
      await this.makePlan(request)
    } catch (error) {
      if (key !== this.#planned) return
      this.plan = undefined
      this.problem = asProblem(error)
    }
  }

  protected async makePlan(request: ChangeRequest): Promise<Plan> {
    const { method, path, body } = request
    const key = JSON.stringify(request)
    this.#planned = key
    this.planning = true
    try {
      const plan = await api.plan(method, path, body)
      if (key === this.#planned) {
        this.plan = plan
        this.#shown = key
        this.problem = undefined
      }
      return plan
    } finally {
      if (key === this.#planned) this.planning = false
    }
  }

  #send = async (values: FormValues): Promise<void> => {
    clearTimeout(this.#timer)
    const request = this.request(values)
    if (!request) return
    const { method, path, body } = request
    this.sending = true
    try {
      const shown = this.problem || JSON.stringify(request) !== this.#shown ? undefined : this.plan
      const plan = shown ?? (await this.makePlan(request))
      this.look = !shown && !this.quick
      if (this.look) return await this.#toPlan()
      await this.settleFirst()
      const { job, id } = await api.change(method, path, body, { planHash: plan.hash })
      this.accepted(String(id ?? ''), request)
      this.outcome = undefined
      this.jobId = job.id
      await this.#toPlan()
    } catch (error) {
      const problem = asProblem(error)
      if (problem.code === 'plan_outdated') await this.makePlan(request)
      else this.problem = problem
      throw error
    } finally {
      this.sending = false
    }
  }

  /** Where the reader's attention goes when the plan has to be looked at, or the job began. */
  protected readonly place: string = '#plan-heading'

  /** What has to be settled before the plan can be applied. */
  protected async settleFirst(): Promise<void> {}

  /** The change was queued. */
  protected accepted(_id: string, _request: ChangeRequest): void {}

  /** The job ended. */
  protected settled(job: Job): void {
    this.outcome = job.state
    this.forgetPlan()
  }

  async #toPlan(): Promise<void> {
    await this.updateComplete
    const place = this.renderRoot.querySelector<HTMLElement>(this.place)
    place?.focus({ preventScroll: true })
    place?.scrollIntoView({ block: 'nearest' })
  }

  override render(): TemplateResult {
    return html`<div class="columns">
      <nusa-form .handle=${this.#send} @nusa-change=${() => this.typed()}>
        ${keyed(this.generation, this.fields())} ${this.buttons()}
      </nusa-form>
      <aside aria-labelledby="plan-heading" aria-busy=${this.planning ? 'true' : 'false'}>
        <h2 id="plan-heading" tabindex="-1">
          ${t(this.#heading)} ${this.planning ? html`<nusa-icon name="progress"></nusa-icon>` : nothing}
        </h2>
        ${this.look ? html`<p class="look">${t('ui.form.look')}</p>` : nothing}
        <div class="scroll">${this.jobId ? this.progress() : this.#plan()}</div>
        ${this.decision()}
      </aside>
    </div>`
  }

  get #heading(): string {
    if (this.outcome === 'succeeded') return 'ui.form.done'
    return this.jobId ? 'ui.form.job' : 'ui.form.plan'
  }

  /** The job in place of the plan. */
  protected progress(): TemplateResult | typeof nothing {
    return this.job()
  }

  protected job(): TemplateResult {
    return html`<nusa-job
      compact
      job-id=${this.jobId}
      @nusa-settled=${(event: CustomEvent<Job>) => this.settled(event.detail)}
    ></nusa-job>`
  }

  #plan(): TemplateResult {
    const { plan, problem } = this
    if (problem && problem.fields.length === 0)
      return html`<nusa-callout tone="warning" heading=${problem.reason}>${problem.remedy ?? nothing}</nusa-callout>`
    if (problem)
      return html`<p class="muted">${t('ui.form.plan.incomplete')}</p>
        ${problem.fields.map(field => html`<p class="muted small">${fieldText(field)}</p>`)}`
    if (plan) return html`<nusa-plan .plan=${plan} owner="sites" ?expanded=${plan.files.length === 1}></nusa-plan>`
    return html`<p class="muted">${this.planning ? t('state.loading') : this.invitation}</p>`
  }
}
