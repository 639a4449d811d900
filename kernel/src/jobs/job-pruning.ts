import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Knex } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { readableMs } from './reveals.js'

export interface JobBounds {
  /** Jobs that ended earlier go. */
  readonly before: Date
  /** Of those that ended, no more than this many stay, the newest. */
  readonly most: number
}

const batch = 50
const logSlice = 2_000
/** For so long a repeated request with the same key is answered with its first job. */
const keyMs = 24 * 3_600_000
const namedByChange = 'exists (select 1 from changes where changes.job_id = j.id)'

interface Old {
  readonly id: string
  readonly claim: number
  /** The history of changes names it. */
  readonly named: boolean
}

/** A job in doubt waits for somebody to decide, however long. */
const settled = ['succeeded', 'failed', 'cancelled']

/** Of these jobs those that are as they were seen: one that was tried again meanwhile keeps its new log and its row. */
function ended(knex: Knex, jobs: readonly Old[]): Knex.QueryBuilder {
  const seen = jobs.map(({ id, claim }) => [id, claim])
  return knex('jobs').whereIn(['id', 'claim'], seen).whereIn('state', settled)
}

/**
 * Takes out jobs that ended long ago, with their steps and logs. What somebody may still ask for stays: a sealed result
 * within its ten minutes, an idempotency key within its day, and, without its log and plan, a job that the history of
 * changes names. What happened is in the audit log, whatever goes here.
 */
@scoped(Lifecycle.ContainerScoped)
export class JobPruning {
  constructor(
    private readonly state: State,
    private readonly clock: Clock,
  ) {}

  /** Many small transactions; the signal ends it between two. Answers how many jobs went, and how many were only trimmed. */
  async prune(bounds: JobBounds, signal: AbortSignal): Promise<{ readonly gone: number; readonly trimmed: number }> {
    let [gone, trimmed] = [0, 0]
    const beyond = await this.#beyond(bounds.most)
    while (!signal.aborted) {
      const jobs = await this.#old(bounds.before, beyond)
      if (jobs.length === 0) break
      for (const job of jobs) await this.#dropLog(job, signal)
      if (signal.aborted) break
      const named = jobs.filter(job => job.named)
      const unnamed = jobs.filter(job => !job.named)
      await this.state.transaction(async trx => {
        const trimmed_at = this.clock.now().toISOString()
        // Without its generated values the plan would never be the one that was agreed to: the hash goes with them.
        const nothing = { plan: null, generated: null, plan_hash: null }
        trimmed += await ended(trx, named).update({ trimmed_at, ...nothing })
        gone += await ended(trx, unnamed).delete()
      })
      await nextTurn()
    }
    return { gone, trimmed }
  }

  /** The newest of those that are too many; ids are in order of submission. */
  async #beyond(most: number): Promise<string> {
    const row: { id: string } | undefined = await this.state
      .knex('jobs')
      .whereIn('state', settled)
      .whereNull('trimmed_at')
      .orderBy('id', 'desc')
      .offset(most)
      .first('id')
    return row?.id ?? ''
  }

  async #old(before: Date, beyond: string): Promise<readonly Old[]> {
    const ago = (ms: number) => new Date(this.clock.now().getTime() - ms).toISOString()
    const rows: (Omit<Old, 'named'> & { named: number | boolean })[] = await this.state
      .knex('jobs as j')
      .whereIn('j.state', settled)
      .where(old => old.where('j.finished_at', '<', before.toISOString()).orWhere('j.id', '<=', beyond))
      .where(read => read.where('j.reveals', 0).orWhere('j.finished_at', '<=', ago(readableMs)))
      .where(key => key.whereNull('j.idempotency_key').orWhere('j.created_at', '<=', ago(keyMs)))
      .where(left => left.whereNull('j.trimmed_at').orWhereRaw(`not ${namedByChange}`))
      .select('j.id', 'j.claim', this.state.knex.raw(`${namedByChange} as named`))
      .orderBy('j.id')
      .limit(batch)
    return rows.map(({ id, claim, named }) => ({ id, claim, named: Boolean(named) }))
  }

  /** A log may have a hundred thousand lines: one statement for all of them would hold the store for too long. */
  async #dropLog(job: Old, signal: AbortSignal): Promise<void> {
    const { knex } = this.state
    const row = await knex('job_log').where({ job_id: job.id }).max<{ seq: number | null }>('seq as seq').first()
    const last = Number(row?.seq ?? 0)
    for (let to = logSlice; to < last + logSlice && !signal.aborted; to += logSlice) {
      const own = ended(knex, [job]).select('id')
      await knex('job_log').whereIn('job_id', own).where('seq', '<=', to).delete()
      await nextTurn()
    }
  }
}
