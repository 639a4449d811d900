import {
  type Column,
  formatDuration,
  isSettled,
  type Job,
  type JobState,
  jobTitle,
  NusaElement,
  PagedList,
  t,
} from '@nusantara/sdk/ui'
import { css, html, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'

const states: readonly JobState[] = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'unknown']

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
    `,
  ]
  @state() private filter: JobState | '' = ''
  #jobs = new PagedList<Job>(this, {
    path: '/jobs',
    query: () => ({ state: this.filter || undefined }),
    key: job => job.id,
    moving: job => !isSettled(job),
  })

  override render(): TemplateResult {
    const { error, load } = this.#jobs
    return html`<nusa-page heading=${t('jobs.heading')} lead=${t('jobs.lead')}>
      <div class="bar">
        <nusa-select
          label=${t('jobs.filter')}
          .value=${this.filter}
          .options=${[{ value: '', label: t('jobs.filter.all') }, ...states.map(value => ({ value, label: t(`job.state.${value}`) }))]}
          @nusa-change=${(event: CustomEvent<{ value?: JobState }>) => {
            this.filter = event.detail.value ?? ''
            this.#jobs.restart()
          }}
        ></nusa-select>
      </div>
      ${error ? html`<nusa-failure .error=${error} .retry=${load}></nusa-failure>` : this.#table()}
    </nusa-page>`
  }

  #table(): TemplateResult {
    return html`<nusa-table label=${t('jobs.heading')} .rows=${this.#jobs.items} .columns=${this.#columns()} .rowKey=${(job: Job) => job.id}>
        <nusa-empty slot="empty" icon="activity" heading=${t('jobs.empty')} text=${t('jobs.empty.text')}></nusa-empty>
      </nusa-table>
      <nusa-more .list=${this.#jobs}></nusa-more>`
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
