import { stripVTControlCharacters } from 'node:util'
import { redact } from '../audit/redact.js'
import type { Clock } from '../state/clock.js'
import type { JobEvents } from './job-events.js'
import type { LogRow } from './job-row.js'
import type { JobStore } from './job-store.js'
import type { RunnerSettings } from './runner-settings.js'
import type { Timers } from './timers.js'

const mostLines = 20_000
const shortestSecret = 4

export interface JobLogParts {
  readonly store: JobStore
  readonly events: JobEvents
  readonly clock: Clock
  readonly timers: Timers
  readonly settings: RunnerSettings
}

/**
 * The log and progress of one running job: collected for a moment, then written in one statement and published to
 * whoever follows `job:<id>`. Secrets that the job knows of and control codes never reach it.
 */
export class JobLog {
  #lines: Omit<LogRow, 'job_id' | 'seq'>[] = []
  #progress = new Map<string, number>()
  #secrets: string[] = []
  #seq: number | undefined
  #count = 0
  #cancelTimer: (() => void) | undefined
  #writing = Promise.resolve()

  constructor(
    private readonly parts: JobLogParts,
    private readonly jobId: string,
  ) {}

  /** From now on these texts appear as dots. */
  hide(secrets: readonly string[]): void {
    this.#secrets.push(...secrets.filter(secret => secret.length >= shortestSecret))
  }

  line(step: string, text: string): void {
    if (this.#count > mostLines) return
    const at = this.parts.clock.now().toISOString()
    for (const line of text.split(/\r?\n/)) {
      this.#count++
      const last = this.#count > mostLines
      this.#lines.push({
        at,
        step,
        line: last ? `… more than ${mostLines} lines, the rest is left out` : this.clean(line),
      })
      if (last) break
    }
    this.#arm()
  }

  progress(step: string, fraction: number): void {
    this.#progress.set(step, Math.min(Math.max(fraction, 0), 1))
    this.#arm()
  }

  /** A text without secrets and control codes. */
  clean(text: string): string {
    let clean = text
    for (const secret of this.#secrets) clean = clean.replaceAll(secret, '•••')
    return (redact(stripVTControlCharacters(clean)) as string).replace(/\p{Cc}/gu, ' ')
  }

  /** The same for every text inside a value. */
  cleanAll<T>(value: T): T {
    if (typeof value === 'string') return this.clean(value) as T
    if (Array.isArray(value)) return value.map(item => this.cleanAll(item)) as T
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.cleanAll(member)])) as T
  }

  /** Resolves when everything so far is written; a store that fails is told by rejecting. */
  flush(): Promise<void> {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#write())
    return this.#writing
  }

  #arm(): void {
    this.#cancelTimer ??= this.parts.timers.after(this.parts.settings.logFlushMs, () => {
      // Lines of a failed write stay for the next one.
      this.flush().catch(() => undefined)
    })
  }

  async #write(): Promise<void> {
    const { events, store } = this.parts
    for (const [step, progress] of this.#progress) events.publish(this.jobId, { kind: 'progress', step, progress })
    this.#progress.clear()
    const lines = this.#lines
    if (!lines.length) return
    this.#lines = []
    try {
      this.#seq ??= await store.lastLogSeq(this.jobId)
      const first = this.#seq + 1
      const rows = lines.map((line, index) => ({ job_id: this.jobId, seq: first + index, ...line }))
      await store.insertLog(rows)
      this.#seq += rows.length
      events.publish(this.jobId, {
        kind: 'log',
        lines: rows.map(({ seq, at, step, line }) => ({ seq, at, step, line })),
      })
    } catch (error) {
      this.#lines = [...lines, ...this.#lines]
      // Whether the rows arrived is unknown; the next write asks where the log ends.
      this.#seq = undefined
      throw error
    }
  }
}
