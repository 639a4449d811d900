import {
  api,
  type Column,
  formatDuration,
  isSettled,
  type Job,
  type JobState,
  jobTitle,
  NusaElement,
  type Page,
  t,
} from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'

const states: readonly JobState[] = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'unknown']
/** While something runs the list is asked for again. Milliseconds. */
const refresh = 3_000

/** Everything the panel did and does, newest first. */
@customElement('nusa-jobs-page')
export class JobsPage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .bar {
        margin-bottom: 14px;
      }
      nusa-select {
        width: 190px;
      }
      .more {
        margin-top: 14px;
        text-align: center;
      }
    `,
  ]
  @state() private jobs: readonly Job[] | undefined
  @state() private filter: JobState | '' = ''
  @state() private cursor: string | undefined
  @state() private error: unknown
  #timer: ReturnType<typeof setTimeout> | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  async #load(cursor?: string): Promise<void> {
    clearTimeout(this.#timer)
    this.error = undefined
    try {
      const query = { limit: 50, cursor, state: this.filter || undefined }
      const page = await api.get<Page<Job>>('/jobs', { query })
      this.jobs = cursor ? [...(this.jobs ?? []), ...page.items] : page.items
      this.cursor = page.nextCursor
      if (!cursor && this.isConnected && page.items.some(job => !isSettled(job)))
        this.#timer = setTimeout(() => void this.#load(), refresh)
    } catch (error) {
      this.error = error
    }
  }

  override render(): TemplateResult {
    return html`<nusa-page heading=${t('jobs.heading')} lead=${t('jobs.lead')}>
      <div class="bar">
        <nusa-select
          label=${t('jobs.filter')}
          .value=${this.filter}
          .options=${[{ value: '', label: t('jobs.filter.all') }, ...states.map(value => ({ value, label: t(`job.state.${value}`) }))]}
          @nusa-change=${(event: CustomEvent<{ value?: JobState }>) => {
            this.filter = event.detail.value ?? ''
            this.jobs = undefined
            void this.#load()
          }}
        ></nusa-select>
      </div>
      ${this.error ? html`<nusa-failure .error=${this.error} .retry=${() => void this.#load()}></nusa-failure>` : this.#table()}
    </nusa-page>`
  }

  #table(): TemplateResult {
    return html`<nusa-table label=${t('jobs.heading')} .rows=${this.jobs} .columns=${this.#columns()} .rowKey=${(job: Job) => job.id}>
        <nusa-empty slot="empty" icon="activity" heading=${t('jobs.empty')} text=${t('jobs.empty.text')}></nusa-empty>
      </nusa-table>
      ${
        this.cursor
          ? html`<div class="more"><nusa-button @click=${() => void this.#load(this.cursor)}>${t('action.more')}</nusa-button></div>`
          : nothing
      }`
  }

  #columns(): readonly Column<Job>[] {
    return [
      {
        id: 'title',
        label: t('jobs.column.job'),
        kind: 'main',
        cell: job => html`<a href="/jobs/${job.id}">${jobTitle(job)}</a>`,
      },
      {
        id: 'state',
        label: t('jobs.column.state'),
        cell: job => html`<nusa-job-badge state=${job.state}></nusa-job-badge>`,
      },
      { id: 'actor', label: t('jobs.column.actor'), cell: job => actorName(job) },
      { id: 'at', label: t('jobs.column.at'), cell: job => html`<nusa-time value=${job.createdAt}></nusa-time>` },
      { id: 'took', label: t('jobs.column.took'), kind: 'end', cell: took },
    ]
  }
}

export function actorName(job: Job): string {
  return typeof job.actor === 'string' ? job.actor : (job.actor?.name ?? '')
}

function took(job: Job): string {
  if (!job.startedAt || !job.finishedAt) return '–'
  return formatDuration(Date.parse(job.finishedAt) - Date.parse(job.startedAt))
}
