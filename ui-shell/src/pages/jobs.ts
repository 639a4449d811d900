import {
  type Column,
  formatDuration,
  isSettled,
  type Job,
  type JobState,
  jobTitle,
  may,
  NusaElement,
  PagedList,
  t,
} from '@nusantara/sdk/ui'
import { css, html, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import { Filters } from '../filters.js'
import { bulkActions } from './jobs-bulk.js'

const states: readonly JobState[] = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'unknown']

/** Everything the panel did and does, newest first. */
@customElement('nusa-jobs-page')
export class JobsPage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .filters {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 130px), 1fr));
        gap: 10px;
        flex: 1 1 300px;
        min-width: 0;
        max-width: 480px;
      }
    `,
  ]
  readonly #filters = new Filters<'state' | 'type' | 'mine'>(this, ['state', 'type', 'mine'], ({ typing }) =>
    this.#jobs.restart({ typing }),
  )
  readonly #jobs = new PagedList<Job>(this, {
    path: '/jobs',
    query: () => this.#filters.query,
    key: job => job.id,
    moving: job => !isSettled(job),
  })

  override render(): TemplateResult {
    return html`<nusa-page heading=${t('jobs.heading')} lead=${t('jobs.lead')}>
      <nusa-list
        searchable
        label=${t('jobs.heading')}
        file="jobs"
        .list=${this.#jobs}
        .columns=${columns()}
        .actions=${may('jobs:write') ? bulkActions(this.#jobs.load) : []}
      >
        ${this.#filterFields()}
        <nusa-empty slot="empty" icon="activity" heading=${t('jobs.empty')} text=${t('jobs.empty.text')}></nusa-empty>
      </nusa-list>
    </nusa-page>`
  }

  #filterFields(): TemplateResult {
    const types = [...new Set((this.#jobs.items ?? []).flatMap(({ type }) => [type.split('.')[0] ?? '', type]))].sort()
    return html`<div class="filters" slot="filters">
      <nusa-select
        label=${t('jobs.filter')}
        .value=${this.#filters.get('state')}
        .options=${[{ value: '', label: t('filter.all') }, ...states.map(value => ({ value, label: t(`job.state.${value}`) }))]}
        @nusa-change=${(event: CustomEvent<{ value?: string }>) => this.#filters.set('state', event.detail.value)}
      ></nusa-select>
      <nusa-text-field
        label=${t('job.type')}
        .value=${this.#filters.get('type')}
        .suggestions=${types}
        @nusa-change=${(event: CustomEvent<{ value?: string }>) =>
          this.#filters.set('type', event.detail.value, { typing: true })}
      ></nusa-text-field>
      <nusa-select
        label=${t('jobs.column.actor')}
        .value=${this.#filters.get('mine')}
        .options=${[{ value: '', label: t('jobs.anybody') }, { value: 'true', label: t('jobs.mine') }]}
        @nusa-change=${(event: CustomEvent<{ value?: string }>) => this.#filters.set('mine', event.detail.value)}
      ></nusa-select>
    </div>`
  }
}

function columns(): readonly Column<Job>[] {
  return [
    {
      id: 'title',
      label: t('jobs.column.job'),
      kind: 'main',
      cell: job => html`<a href="/jobs/${job.id}">${jobTitle(job)}</a>`,
      text: jobTitle,
    },
    {
      id: 'state',
      label: t('jobs.column.state'),
      cell: job => html`<nusa-job-badge state=${job.state}></nusa-job-badge>`,
      text: ({ state }) => t(`job.state.${state}`),
    },
    { id: 'actor', label: t('jobs.column.actor'), cell: actorName, text: actorName },
    {
      id: 'at',
      label: t('jobs.column.at'),
      cell: job => html`<nusa-time value=${job.createdAt}></nusa-time>`,
      text: ({ createdAt }) => createdAt,
    },
    { id: 'took', label: t('jobs.column.took'), kind: 'end', cell: took, text: took },
    { id: 'type', label: t('job.type'), fileOnly: true, cell: ({ type }) => type, text: ({ type }) => type },
    { id: 'id', label: t('job.id'), fileOnly: true, cell: ({ id }) => id, text: ({ id }) => id },
  ]
}

export function actorName(job: Job): string {
  return typeof job.actor === 'string' ? job.actor : (job.actor?.name ?? '')
}

function took(job: Job): string {
  if (!job.startedAt || !job.finishedAt) return '–'
  return formatDuration(Date.parse(job.finishedAt) - Date.parse(job.startedAt))
}
