import { stripVTControlCharacters } from 'node:util'
import type { Message } from '@nusantara/sdk'
import { redact } from '../audit/redact.js'
import type { Clock } from '../state/clock.js'
import type { JobEvents } from './job-events.js'
import type { JobRow, LogRow, StepRow } from './job-row.js'
import type { JobStore } from './job-store.js'
import type { RunnerSettings } from './runner-settings.js'
import { StepProgress } from './step-progress.js'
import type { Timers } from './timers.js'

/** Looked at for secrets; the redaction keeps less, so no half of a secret that is cut here is left. */
const longestLine = 16_384
const shortestSecret = 4

export interface JobLogParts {
  readonly store: JobStore
  readonly events: JobEvents
  readonly clock: Clock
  readonly timers: Timers
  readonly settings: RunnerSettings
}

type Line = Omit<LogRow, 'job_id' | 'seq'>

/**
 * The log and progress of one running job: collected for a moment, then written in one statement and published to
 * whoever follows `job:<id>`. Secrets that the job knows of and control codes never reach it. A log that grows beyond
 * its bound ends with a line that says so, over all attempts of the job.
 */
export class JobLog {
  readonly #progress: StepProgress
  #lines: Line[] = []
  /** Of the lines that wait. */
  #bytes = 0
  #secrets: string[] = []
  /** How the stored log ends; asked for with the first write. */
  #end: { seq: number; bytes: number; truncated: boolean } | undefined
  #cancelTimer: (() => void) | undefined
  #writing = Promise.resolve()

  constructor(
    private readonly parts: JobLogParts,
    private readonly job: JobRow,
  ) {
    this.#progress = new StepProgress(parts, job)
  }

  /** From now on these texts appear as dots. */
  hide(secrets: readonly string[]): void {
    this.#secrets.push(...secrets.filter(secret => secret.length >= shortestSecret))
  }

  line(step: string, text: string): void {
    const at = this.parts.clock.now().toISOString()
    for (const raw of text.split(/\r?\n/)) {
      // More than fits will not be kept; it need not be remembered either.
      if (this.#end?.truncated || this.#bytes > this.parts.settings.logBytes) return
      const line = this.clean(raw.length > longestLine ? `${raw.slice(0, longestLine)}…` : raw)
      this.#bytes += Buffer.byteLength(line)
      this.#lines.push({ at, step, line })
    }
    this.#arm()
  }

  progress(step: StepRow, fraction: number, message?: Message): void {
    this.#progress.tell(step, fraction, message && this.cleanAll(message))
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
    this.#progress.publish()
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#write())
    return this.#writing
  }

  /** Writes what it can, and leaves no timer. */
  async close(): Promise<void> {
    await this.flush().catch(() => undefined)
    this.#cancelTimer?.()
    this.#progress.close()
  }

  #arm(): void {
    this.#cancelTimer ??= this.parts.timers.after(this.parts.settings.logFlushMs, () => {
      // Lines of a failed write stay for the next one.
      this.flush().catch(() => undefined)
    })
  }

  async #write(): Promise<void> {
    const { events, store } = this.parts
    const lines = this.#lines
    if (!lines.length) return
    this.#lines = []
    this.#bytes = 0
    try {
      this.#end ??= await store.logEnd(this.job.id)
      const end = { ...this.#end }
      const rows = this.#kept(lines, end).map(line => ({ job_id: this.job.id, seq: ++end.seq, ...line }))
      if (rows.length > 0) await store.insertLog(rows)
      this.#end = end
      const shown = rows.map(({ seq, at, step, line }) => ({ seq, at, step, line }))
      if (shown.length > 0) events.publish(this.job.id, { kind: 'log', lines: shown })
    } catch (error) {
      this.#lines = [...lines, ...this.#lines]
      this.#bytes = this.#lines.reduce((bytes, { line }) => bytes + Buffer.byteLength(line), 0)
      // Whether the rows arrived is unknown; the next write asks where the log ends.
      this.#end = undefined
      throw error
    }
  }

  /** The lines that still fit, counted into `end`; in place of the first that does not, a line that says so. */
  #kept(lines: readonly Line[], end: { bytes: number; truncated: boolean }): readonly Line[] {
    const most = this.parts.settings.logBytes
    const kept: Line[] = []
    for (const line of lines) {
      if (end.truncated) break
      end.bytes += Buffer.byteLength(line.line)
      end.truncated = end.bytes > most
      kept.push(end.truncated ? { at: line.at, step: null, line: truncatedAt(most) } : line)
    }
    return kept
  }
}

function truncatedAt(bytes: number): string {
  return `log truncated: it reached ${Math.round(bytes / 1024)} KiB, and what came after this line was not kept`
}
