import { api, formatDate, isSettled, type Job, jobTitle, may, NusaElement, t, toastProblem } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { keyed } from 'lit/directives/keyed.js'
import './job-changes.js'
import { actorName } from './jobs.js'

/** One job: who asked for it and when, its steps and its log. */
@customElement('nusa-job-page')
export class JobPage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      dl {
        display: flex;
        flex-wrap: wrap;
        gap: 6px 28px;
        margin-bottom: 18px;
      }
      dt {
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
      }
      dd {
        overflow-wrap: anywhere;
      }
      dd nusa-copy {
        margin: -6px 0;
      }
      .audit {
        margin-top: 14px;
      }
    `,
  ]
  @property({ attribute: false }) params: Readonly<Record<string, string>> = {}
  @state() private job: Job | undefined
  @state() private error: unknown
  /** How often it was set going from here. */
  @state() private run = 0

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  async #load(): Promise<void> {
    this.error = undefined
    try {
      this.job = await api.get<Job>(`/jobs/${this.params.id}`)
    } catch (error) {
      this.error = error
    }
  }

  /** It is the same job afterwards, under way again. */
  async #setGoing(how: 'retry' | 'cancel'): Promise<void> {
    try {
      await api.post(`/jobs/${this.params.id}/${how}`)
    } catch (error) {
      return toastProblem(error)
    }
    await this.#load()
    this.run++
  }

  override render(): TemplateResult {
    const job = this.job
    return html`<nusa-page narrow heading=${job ? jobTitle(job) : t('jobs.heading')} back="/jobs" backLabel=${t('jobs.heading')}>
      ${job && may('jobs:write') ? this.#actions(job) : nothing}
      ${this.error ? html`<nusa-failure .error=${this.error} .retry=${() => void this.#load()}></nusa-failure>` : this.#body(job)}
    </nusa-page>`
  }

  #actions({ state }: Job): TemplateResult {
    const again = state === 'failed' || state === 'cancelled' || state === 'unknown'
    return html`${
      // While it runs, `nusa-job` offers this.
      state === 'unknown'
        ? html`<nusa-button slot="actions" icon="stop" @click=${() => this.#setGoing('cancel')}>${t('action.cancel')}</nusa-button>`
        : nothing
    }
    ${
      again
        ? html`<nusa-button slot="actions" icon="refresh" @click=${() => this.#setGoing('retry')}>${t('job.retry')}</nusa-button>`
        : nothing
    }`
  }

  #body(job: Job | undefined): TemplateResult {
    if (!job) return html`<nusa-skeleton lines="6"></nusa-skeleton>`
    return html`<dl>
        <div><dt>${t('jobs.column.actor')}</dt><dd>${actorName(job)}</dd></div>
        <div>
          <dt>${t('jobs.column.at')}</dt>
          <dd><nusa-time value=${job.createdAt}></nusa-time> <span class="muted small">${formatDate(new Date(job.createdAt))}</span></dd>
        </div>
        <div><dt>${t('job.type')}</dt><dd class="mono small">${job.type}</dd></div>
        <div>
          <dt>${t('job.id')}</dt>
          <dd class="mono small">${job.id} <nusa-copy .value=${job.id} label=${t('job.id.copy')}></nusa-copy></dd>
        </div>
      </dl>
      <div class="panel">
        ${keyed(
          this.run,
          html`<nusa-job compact show-log job-id=${job.id} @nusa-settled=${() => void this.#load()}></nusa-job>`,
        )}
      </div>
      ${
        may('changes:read') && isSettled(job)
          ? keyed(this.run, html`<nusa-job-changes job-id=${job.id}></nusa-job-changes>`)
          : nothing
      }
      ${
        may('audit:read') && job.resourceId
          ? html`<p class="audit small"><a href="/audit?target=${job.resourceId}">${t('job.audit')}</a></p>`
          : nothing
      }`
  }
}
