import { api, type Job, jobTitle, NusaElement, navigate, t, toastProblem } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
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
    `,
  ]
  @property({ attribute: false }) params: Readonly<Record<string, string>> = {}
  @state() private job: Job | undefined
  @state() private error: unknown

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

  #retry = async (): Promise<void> => {
    try {
      const { job } = await api.post<{ job: { id: string } }>(`/jobs/${this.params.id}/retry`)
      navigate(`/jobs/${job.id}`)
    } catch (error) {
      toastProblem(error)
    }
  }

  override render(): TemplateResult {
    const job = this.job
    return html`<nusa-page narrow heading=${job ? jobTitle(job) : t('jobs.heading')} back="/jobs" backLabel=${t('jobs.heading')}>
      ${
        job?.state === 'failed'
          ? html`<nusa-button slot="actions" icon="refresh" @click=${this.#retry}>${t('job.retry')}</nusa-button>`
          : nothing
      }
      ${this.error ? html`<nusa-failure .error=${this.error} .retry=${() => void this.#load()}></nusa-failure>` : this.#body(job)}
    </nusa-page>`
  }

  #body(job: Job | undefined): TemplateResult {
    if (!job) return html`<nusa-skeleton lines="6"></nusa-skeleton>`
    return html`<dl>
        <div><dt>${t('jobs.column.actor')}</dt><dd>${actorName(job)}</dd></div>
        <div><dt>${t('jobs.column.at')}</dt><dd><nusa-time value=${job.createdAt}></nusa-time></dd></div>
        <div><dt>${t('job.type')}</dt><dd class="mono">${job.type}</dd></div>
      </dl>
      <div class="panel">
        <nusa-job compact show-log job-id=${job.id} @nusa-settled=${() => void this.#load()}></nusa-job>
      </div>`
  }
}
