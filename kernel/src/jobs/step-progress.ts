import type { Message } from '@nusantara/sdk'
import type { JobLogParts } from './job-log.js'
import type { JobRow, StepRow } from './job-row.js'

/**
 * How far the steps of one running job are: published often, for who watches, and kept with the step now and then, for who
 * comes later. What a step said last is written with its end; losing it in a crash harms nobody.
 */
export class StepProgress {
  readonly #unpublished = new Set<StepRow>()
  readonly #unwritten = new Set<StepRow>()
  #cancelPublishing: (() => void) | undefined
  #cancelWriting: (() => void) | undefined

  constructor(
    private readonly parts: Pick<JobLogParts, 'store' | 'events' | 'timers' | 'settings'>,
    private readonly job: JobRow,
  ) {}

  /** @param fraction 0 to 1; what is outside counts as the nearer end, and no number as the beginning */
  tell(step: StepRow, fraction: number, message: Message | undefined): void {
    const { timers, settings } = this.parts
    step.progress = Math.min(Math.max(Number(fraction) || 0, 0), 1)
    step.progress_message = message ? JSON.stringify(message) : null
    this.#unpublished.add(step)
    this.#unwritten.add(step)
    this.#cancelPublishing ??= timers.after(settings.logFlushMs, () => this.publish())
    this.#cancelWriting ??= timers.after(settings.progressMs, () => void this.#write().catch(() => undefined))
  }

  publish(): void {
    this.#cancelPublishing?.()
    this.#cancelPublishing = undefined
    for (const { name, progress, progress_message: text } of this.#unpublished) {
      const message = text ? { message: JSON.parse(text) as Message } : {}
      this.parts.events.publish(this.job.id, { kind: 'progress', step: name, progress, ...message })
    }
    this.#unpublished.clear()
  }

  close(): void {
    this.#cancelPublishing?.()
    this.#cancelWriting?.()
  }

  async #write(): Promise<void> {
    this.#cancelWriting = undefined
    const steps = [...this.#unwritten].filter(step => step.state === 'running' || step.state === 'undoing')
    this.#unwritten.clear()
    for (const step of steps) await this.parts.store.keepProgress(this.job, step)
  }
}
