import { api } from './api.js'
import { listen } from './live.js'
import type { Message } from './messages.js'
import { ApiProblem } from './problem.js'
import type { Plan } from './wire.js'

export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'unknown'

export interface StoredProblem {
  readonly code: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly detail?: string
  readonly title?: string
  readonly remedy?: string
}

export interface JobStep {
  readonly name: string
  readonly owner?: string
  readonly state: 'pending' | 'running' | 'succeeded' | 'failed' | 'undoing' | 'undone'
  readonly problem?: StoredProblem | null
  readonly startedAt?: string | null
  readonly finishedAt?: string | null
  /** 0 to 1, as the step said last; null when it said nothing. */
  readonly progress?: number | null
  /** What it was at then, in the reader's language. */
  readonly progressMessage?: { readonly text: string } | null
}

/** `GET /api/v1/jobs/:id`; lists leave the steps out. Times are ISO 8601 UTC. */
export interface Job {
  readonly id: string
  readonly type: string
  readonly owner?: string
  readonly state: JobState
  readonly title?: Message | string
  readonly actor?: { readonly name: string } | string
  readonly createdAt: string
  readonly startedAt?: string | null
  readonly finishedAt?: string | null
  readonly steps?: readonly JobStep[]
  readonly problem?: StoredProblem | null
  readonly cancelRequested?: boolean
  readonly resourceId?: string | null
  /** Present when the job was started with the plan that was shown. */
  readonly plan?: Plan
}

export interface JobLine {
  readonly seq: number
  readonly at: string
  readonly step: string | null
  readonly line: string
}

export const settledStates: ReadonlySet<JobState> = new Set(['succeeded', 'failed', 'cancelled', 'unknown'])

export function isSettled(job: Job): boolean {
  return settledStates.has(job.state)
}

export function jobProblem(problem: StoredProblem): ApiProblem {
  return new ApiProblem({ status: 0, ...problem })
}

/** Asks again this often although nothing was heard, in case an event was lost. Milliseconds. */
const askAgain = 2_500

/**
 * Follows a job until it is settled or the signal aborts. The listener hears every state; new lines of the log are
 * given as they come. While the panel does not answer it goes on asking: the job may well run meanwhile.
 */
export async function followJob(
  id: string,
  on: { job(job: Job): void; lines?(lines: readonly JobLine[]): void; progress?(step: string, fraction: number): void },
  signal?: AbortSignal,
): Promise<Job> {
  let wake: () => void = () => {}
  let last = 0
  /** Heard before everything older was read. */
  let early: JobLine[] | undefined = on.lines && []
  const take = (lines: readonly JobLine[]): boolean => {
    const fresh = lines.filter(line => line.seq > last)
    last = Math.max(last, ...fresh.map(line => line.seq))
    if (fresh.length) on.lines?.(fresh)
    return fresh.length > 0
  }
  const stop = listen(`job:${id}`, data => {
    const event = data as { kind?: string; lines?: JobLine[]; step?: string; progress?: number }
    if (event.kind === 'log' && event.lines) {
      if (early) early.push(...event.lines)
      else take(event.lines)
    } else if (event.kind === 'progress' && event.step) on.progress?.(event.step, event.progress ?? 0)
    else wake()
  })
  const readLog = async () => {
    if (!on.lines) return
    const page = () =>
      api.get<{ items: readonly JobLine[] }>(`/jobs/${id}/log`, {
        query: { after: last || undefined },
        ...(signal ? { signal } : {}),
      })
    while (take((await page()).items));
    take(early ?? [])
    early = undefined
  }
  const read = async (): Promise<Job | undefined> => {
    try {
      const job = await api.get<Job>(`/jobs/${id}`, signal ? { signal } : {})
      on.job(job)
      await readLog()
      return job
    } catch (error) {
      if (error instanceof ApiProblem && error.passing) return undefined
      throw error
    }
  }
  try {
    for (;;) {
      const heard = new Promise<void>(resolve => {
        wake = resolve
      })
      const job = await read()
      if (job && isSettled(job)) return job
      await Promise.race([heard, new Promise(resolve => setTimeout(resolve, askAgain))])
      signal?.throwIfAborted()
    }
  } finally {
    stop()
  }
}

/** Waits for a job. @throws ApiProblem the cause, when it did not succeed */
export async function waitForJob(id: string, signal?: AbortSignal): Promise<Job> {
  const job = await followJob(id, { job: () => {} }, signal)
  if (job.state === 'succeeded') return job
  throw jobProblem(job.problem ?? { code: `job_${job.state}` })
}

/** Fired on `window`; the detail is a job's id, or nothing for the list. */
export const openJobEvent = 'nusa-open-job'

/** Shows a job in the shell's drawer, beside the page. */
export function openJob(id: string): void {
  window.dispatchEvent(new CustomEvent(openJobEvent, { detail: id }))
}
