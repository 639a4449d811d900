import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { api } from '../core/api.js'
import { NusaElement } from '../core/element.js'
import { formatDuration } from '../core/format.js'
import { followJob, isSettled, type Job, type JobLine, type JobStep, jobProblem } from '../core/jobs.js'
import { hasMessage, say, t, translator } from '../core/messages.js'
import { type ApiProblem, asProblem } from '../core/problem.js'
import './button.js'
import './callout.js'
import './job-badge.js'
import './states.js'

const stepIcons: Readonly<Record<JobStep['state'], string>> = {
  pending: 'circle',
  running: 'progress',
  succeeded: 'check-circle',
  failed: 'x-circle',
  undoing: 'undo',
  undone: 'undo',
}

/** Lines shown; older ones are dropped from the page, never from the log. */
const shownLines = 2_000

/** One job as it happens: steps, live log, elapsed time, cancel; on failure the cause and the remedy. Fires `nusa-settled`. */
@customElement('nusa-job')
export class JobView extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 10px;
        margin-bottom: 14px;
      }
      .head .title {
        flex: 1 1 200px;
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .elapsed {
        color: var(--nusa-muted);
        font-size: var(--nusa-text-sm);
        font-variant-numeric: tabular-nums;
      }
      .steps {
        display: flex;
        flex-direction: column;
      }
      .steps li {
        position: relative;
        display: flex;
        gap: 10px;
        padding: 5px 0;
        line-height: 1.45;
      }
      .steps nusa-icon {
        margin-top: 1px;
        color: var(--nusa-muted);
        font-size: 1rem;
      }
      .steps .succeeded nusa-icon {
        color: var(--nusa-success);
      }
      .steps .failed nusa-icon {
        color: var(--nusa-danger);
      }
      .steps .running nusa-icon {
        color: var(--nusa-accent);
        animation: spin 1s linear infinite;
      }
      .steps .pending {
        color: var(--nusa-muted);
      }
      @keyframes spin {
        to {
          transform: rotate(360deg);
        }
      }
      .name {
        flex: 1;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      progress {
        width: 100%;
        height: 5px;
        margin-top: 5px;
        accent-color: var(--nusa-accent);
        display: block;
      }
      .took {
        color: var(--nusa-muted);
        font-size: var(--nusa-text-sm);
        font-variant-numeric: tabular-nums;
      }
      nusa-callout {
        margin-top: 12px;
      }
      details {
        margin-top: 14px;
      }
      summary {
        width: fit-content;
        cursor: pointer;
        color: var(--nusa-muted);
        font-size: var(--nusa-text-sm);
        border-radius: 4px;
      }
      pre {
        max-height: 320px;
        margin-top: 8px;
        padding: 10px 12px;
        overflow: auto;
        border: 1px solid var(--nusa-border);
        border-radius: var(--nusa-radius);
        background: var(--nusa-sunken);
        font-size: 0.78rem;
        line-height: 1.55;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
    `,
  ]
  @property({ attribute: 'job-id' }) jobId = ''
  /** Opens the log at once. */
  @property({ type: Boolean, attribute: 'show-log' }) showLog = false
  @property({ type: Boolean }) compact = false
  @state() private job: Job | undefined
  @state() private lines: readonly JobLine[] = []
  @state() private error: unknown
  /** Why it was not cancelled. */
  @state() private refusal: ApiProblem | undefined
  @state() private progress: Readonly<Record<string, number>> = {}
  @state() private now = Date.now()
  #abort: AbortController | undefined
  #clock: ReturnType<typeof setInterval> | undefined

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.hasUpdated) void this.#follow()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('jobId') && this.jobId) void this.#follow()
  }

  protected override updated(): void {
    const log = this.renderRoot.querySelector('pre')
    if (log && log.dataset.held !== 'yes') log.scrollTop = log.scrollHeight
  }

  #stop(): void {
    this.#abort?.abort()
    clearInterval(this.#clock)
  }

  async #follow(): Promise<void> {
    this.#stop()
    const abort = new AbortController()
    this.#abort = abort
    this.job = undefined
    this.error = undefined
    this.refusal = undefined
    this.lines = []
    this.#clock = setInterval(() => {
      this.now = Date.now()
    }, 200)
    try {
      const job = await followJob(
        this.jobId,
        {
          job: next => {
            this.job = next
            this.now = Date.now()
          },
          lines: fresh => {
            this.lines = [...this.lines, ...fresh].slice(-shownLines)
          },
          progress: (step, fraction) => {
            this.progress = { ...this.progress, [step]: fraction }
          },
        },
        abort.signal,
      )
      this.emit('nusa-settled', job)
    } catch (error) {
      if (!abort.signal.aborted) this.error = error
    } finally {
      if (this.#abort === abort) clearInterval(this.#clock)
    }
  }

  override render(): TemplateResult {
    if (this.error) return html`<nusa-failure .error=${this.error} .retry=${() => void this.#follow()}></nusa-failure>`
    const job = this.job
    if (!job) return html`<nusa-skeleton lines="4"></nusa-skeleton>`
    const settled = isSettled(job)
    const owner = job.owner ?? job.type.split('.')[0] ?? 'kernel'
    return html`
      <div class="head">
        ${this.compact ? nothing : html`<span class="title">${jobTitle(job)}</span>`}
        <nusa-job-badge state=${job.state} role="status"></nusa-job-badge>
        <span class="elapsed">${this.#elapsed(job)}</span>
        ${
          settled
            ? nothing
            : html`<nusa-button small icon="stop" ?disabled=${job.cancelRequested ?? false} @click=${this.#cancel}
              >${t(job.cancelRequested ? 'job.cancelling' : 'action.cancel')}</nusa-button
            >`
        }
      </div>
      ${this.refusal ? this.#callout('danger', this.refusal) : nothing}
      <ol class="steps" aria-label=${t('job.steps')}>
        ${shownSteps(job).map(step => this.#step(job, step, owner))}
      </ol>
      ${job.problem ? this.#callout(job.state === 'cancelled' ? 'neutral' : 'danger', jobProblem(job.problem)) : nothing}
      <details ?open=${this.showLog || job.state === 'failed'}>
        <summary>${t('job.log', { count: this.lines.length })}</summary>
        <pre
          tabindex="0"
          role="log"
          aria-label=${t('job.log.label')}
          @scroll=${(event: Event) => {
            const log = event.target as HTMLElement
            log.dataset.held = log.scrollHeight - log.scrollTop - log.clientHeight > 30 ? 'yes' : 'no'
          }}
        >${this.lines.length ? this.lines.map(line => `${line.line}\n`) : t(settled ? 'job.log.none' : 'job.log.empty')}</pre>
      </details>
    `
  }

  #elapsed(job: Job): string {
    const from = Date.parse(job.startedAt ?? job.createdAt)
    return formatDuration((job.finishedAt ? Date.parse(job.finishedAt) : this.now) - from)
  }

  #step(job: Job, step: JobStep, owner: string): TemplateResult {
    // Heard live, or kept from before this page was opened.
    const fraction = step.state === 'running' ? (this.progress[step.name] ?? step.progress ?? undefined) : undefined
    const at = step.state === 'running' ? step.progressMessage?.text : undefined
    const took =
      step.startedAt && step.finishedAt ? formatDuration(Date.parse(step.finishedAt) - Date.parse(step.startedAt)) : ''
    return html`<li class=${step.state}>
      <nusa-icon name=${stepIcons[step.state] ?? 'circle'} label=${t(`step.${step.state}`)}></nusa-icon>
      <span class="name"
        >${stepTitle(job, step, step.owner ?? owner)}
        ${fraction === undefined ? nothing : html`<progress value=${fraction} max="1" aria-label=${t('job.progress')}></progress>`}
        ${at ? html`<small>${at}</small>` : nothing}
      </span>
      <span class="took">${took}</span>
    </li>`
  }

  #callout(tone: 'neutral' | 'danger', problem: ApiProblem): TemplateResult {
    return html`<nusa-callout tone=${tone} alert heading=${problem.reason}>
      ${problem.remedy ? html`<p>${problem.remedy}</p>` : nothing}
    </nusa-callout>`
  }

  #cancel = async (): Promise<void> => {
    this.refusal = undefined
    try {
      await api.post(`/jobs/${this.jobId}/cancel`)
      if (this.job) this.job = { ...this.job, cancelRequested: true }
    } catch (error) {
      // Here rather than in a toast, which a dialog would cover.
      this.refusal = asProblem(error)
    }
  }
}

/** Without the steps that the agreed plan left out, because they had nothing to do, and that did nothing since. */
function shownSteps({ plan, steps = [] }: Job): readonly JobStep[] {
  const idle = new Set(['pending', 'succeeded'])
  return plan ? steps.filter(step => !idle.has(step.state) || plan.steps.some(({ name }) => name === step.name)) : steps
}

/** The job in a sentence, else its type. */
export function jobTitle(job: Job): string {
  if (job.title !== undefined) {
    const text = say(job.title, job.owner ?? job.type.split('.')[0] ?? 'kernel')
    if (text) return text
  }
  return job.type
}

/** What the step is called: its sentence in the job's plan, else `step.<job type>.<step>` of its owner's catalogue, else its name. */
function stepTitle(job: Job, step: JobStep, owner: string): string {
  const planned = job.plan?.steps.find(one => one.name === step.name)
  if (planned) return say(planned.summary, owner)
  const key = `step.${job.type}.${step.name}`
  return hasMessage(key, owner) ? translator(owner)(key) : step.name
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-job': JobView
  }
}
