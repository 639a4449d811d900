import {
  api,
  type Column,
  jobProblem,
  locale,
  may,
  NusaElement,
  PagedList,
  type StoredProblem,
  t,
  toast,
  toastProblem,
} from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import { scheduleWords } from './schedule-words.js'

/** An entry of `GET /api/v1/schedules`. */
interface Schedule {
  readonly owner: string
  readonly name: string
  readonly title: string
  readonly hostId: string
  readonly cron: string
  readonly timezone: string
  readonly missed: 'run_once' | 'skip'
  readonly lastRunAt: string | null
  readonly lastOutcome: 'success' | 'failure' | null
  readonly lastProblem: StoredProblem | null
  readonly nextRunAt: string | null
}

const keyOf = ({ hostId, owner, name }: Schedule): string => `${hostId}/${owner}/${name}`

/** What runs by itself: when it did, how that went, when it will again. */
@customElement('nusa-schedules-page')
export class SchedulesPage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .note {
        margin-top: 14px;
        line-height: 1.5;
      }
    `,
  ]
  @state() private starting = ''
  readonly #schedules = new PagedList<Schedule>(this, {
    path: '/schedules',
    whole: true,
    key: keyOf,
    moving: running,
  })
  /** In which titles and problems are worded. */
  #language = locale()

  protected override willUpdate(): void {
    if (this.#language === locale()) return
    this.#language = locale()
    void this.#schedules.load()
  }

  async #run(schedule: Schedule): Promise<void> {
    this.starting = keyOf(schedule)
    try {
      await api.post(`/schedules/${encodeURIComponent(schedule.owner)}/${encodeURIComponent(schedule.name)}/run`)
      toast(t('schedules.started'), { tone: 'success', detail: schedule.title })
      await this.#schedules.load()
    } catch (error) {
      toastProblem(error)
    } finally {
      this.starting = ''
    }
  }

  override render(): TemplateResult {
    return html`<nusa-page heading=${t('schedules.heading')} lead=${t('schedules.lead')}>
      <nusa-list
        label=${t('schedules.heading')}
        file="schedules"
        .list=${this.#schedules}
        .columns=${this.#columns()}
        .order=${{ column: 'next', descending: false }}
      >
        <nusa-empty slot="empty" icon="clock" heading=${t('schedules.empty')} text=${t('schedules.empty.text')}></nusa-empty>
      </nusa-list>
      <p class="note small muted">${t('schedules.missed.note')}</p>
    </nusa-page>`
  }

  #columns(): readonly Column<Schedule>[] {
    const columns: Column<Schedule>[] = [
      {
        id: 'title',
        label: t('schedules.what'),
        kind: 'main',
        cell: ({ title, owner, name }) => html`${title} <span class="sub mono">${owner} · ${name}</span>`,
        text: ({ title }) => title,
      },
      {
        id: 'when',
        label: t('schedules.when'),
        cell: ({ cron, timezone, missed }) => html`<div>
          <span title=${cron}>${scheduleWords(cron)}</span>
          <span class="sub">${timezone} · ${t(`schedules.missed.${missed}`)}</span>
        </div>`,
        text: ({ cron, timezone }) => `${cron} ${timezone}`,
      },
      {
        id: 'last',
        label: t('schedules.last'),
        cell: schedule => html`<div>${this.#last(schedule)}</div>`,
        text: ({ lastRunAt }) => lastRunAt ?? '',
      },
      {
        id: 'next',
        label: t('schedules.next'),
        kind: 'end',
        cell: ({ nextRunAt }) =>
          nextRunAt
            ? html`<nusa-time value=${nextRunAt}></nusa-time>`
            : html`<span class="muted">${t('schedules.off')}</span>`,
        text: ({ nextRunAt }) => nextRunAt ?? '\uffff',
      },
    ]
    if (!may('schedules:write')) return columns
    const run: Column<Schedule> = {
      id: 'run',
      label: t('schedules.run'),
      kind: 'end',
      hideLabel: true,
      cell: schedule => this.#runButton(schedule),
    }
    return [...columns, run]
  }

  #runButton(schedule: Schedule): TemplateResult | typeof nothing {
    if (!schedule.nextRunAt) return nothing
    return html`<nusa-button
      small
      icon="play"
      label=${t('schedules.run.label', { title: schedule.title })}
      ?busy=${this.starting === keyOf(schedule) || running(schedule)}
      @click=${() => void this.#run(schedule)}
      >${t('schedules.run')}</nusa-button
    >`
  }

  #last(schedule: Schedule): TemplateResult {
    const { lastRunAt, lastOutcome, lastProblem } = schedule
    if (!lastRunAt) return html`<span class="muted">${t('schedules.never')}</span>`
    const when = html`<nusa-time value=${lastRunAt}></nusa-time>`
    if (!lastOutcome)
      return html`<nusa-badge tone="info" icon="progress" spin>${t('job.state.running')}</nusa-badge> ${when}`
    if (lastOutcome === 'success')
      return html`<nusa-badge tone="success" icon="check">${t('job.state.succeeded')}</nusa-badge> ${when}`
    const problem = lastProblem ? jobProblem(lastProblem) : undefined
    return html`<nusa-badge tone="danger" icon="close">${t('job.state.failed')}</nusa-badge> ${when}
      ${problem ? html`<span class="sub">${problem.reason} ${problem.remedy ?? nothing}</span>` : nothing}`
  }
}

/** A run goes on: it has begun and has no end yet. */
function running({ lastRunAt, lastOutcome }: Schedule): boolean {
  return lastRunAt !== null && lastOutcome === null
}
