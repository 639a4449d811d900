import { setImmediate as nextTurn } from 'node:timers/promises'
import type { JobState, Knex } from '@nusantara/sdk'
import { newId } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Peers } from '../peers/peers.js'
import { Clock } from '../state/clock.js'
import { insertMany } from '../state/insert-many.js'
import { State } from '../state/state.js'
import { HostIdentity } from './host-identity.js'
import type { JobRow, LogRow, StepRow, StoredProblem } from './job-row.js'
import { RunnerSettings } from './runner-settings.js'

/** Another runner holds the job now; whatever this one still does must not be recorded. */
export class LeaseLost extends Error {}

export interface ClaimedJob {
  readonly job: JobRow
  readonly steps: StepRow[]
}

/** New values of one step. */
export interface StepChange {
  readonly id: string
  readonly set: Partial<StepRow>
}

/** Serializes claims between runners; any number that nothing else locks. */
const claimLock = 7_239_411_030

/** Every statement about jobs that the runner needs. Writes of a running job are fenced by its claim. */
@scoped(Lifecycle.ContainerScoped)
export class JobStore {
  #queue: Promise<void> = Promise.resolve()

  constructor(
    private readonly state: State,
    private readonly clock: Clock,
    private readonly host: HostIdentity,
    private readonly settings: RunnerSettings,
    private readonly peers: Peers,
  ) {}

  /** Adds the rows of a new job. The caller's transaction goes on to write its own and the audit's. */
  async insert(trx: Knex.Transaction, job: JobRow, steps: readonly StepRow[]): Promise<void> {
    await trx('jobs').insert(job)
    if (steps.length) await trx('job_steps').insert([...steps])
    await this.#holdKeys(trx, job)
    await this.notify(trx, job.id)
  }

  /**
   * Takes queued jobs of this host: due, of a type in `types`, and, for each of their keys, the oldest that is not
   * finished. That order is what keeps two of a key from running and every key first in, first out.
   */
  async claim(
    types: readonly string[],
    limit: number,
    waiting: readonly string[],
    at: Date,
  ): Promise<readonly ClaimedJob[]> {
    if (!types.length) return []
    const now = at.toISOString()
    const taken = await this.state.transaction(async trx => {
      if (this.state.dialect === 'postgres') await trx.raw('select pg_advisory_xact_lock(?)', [claimLock])
      const candidates: JobRow[] = await this.#claimable(trx, types, now, limit, waiting)
      if (!candidates.length) return []
      const lease = this.#leaseEnd()
      const ids = candidates.map(job => job.id)
      await trx('jobs')
        .whereIn('id', ids)
        .update({ state: 'running', runner_id: this.host.runnerId, lease_until: lease })
        .increment('claim', 1)
      await trx('jobs').whereIn('id', ids).whereNull('started_at').update({ started_at: now })
      return candidates
    })
    if (!taken.length) return []
    const steps: StepRow[] = await this.state
      .knex('job_steps')
      .whereIn(
        'job_id',
        taken.map(job => job.id),
      )
      .orderBy('position')
    return taken.map(job => ({
      job: { ...job, state: 'running', claim: job.claim + 1, started_at: job.started_at ?? now },
      steps: steps.filter(step => step.job_id === job.id),
    }))
  }

  #claimable(trx: Knex.Transaction, types: readonly string[], now: string, limit: number, waiting: readonly string[]) {
    const query = trx('jobs as j')
      .select('j.*')
      .where({ 'j.state': 'queued', 'j.host_id': this.host.hostId })
      .whereIn('j.type', types as string[])
      .whereNotIn('j.id', waiting as string[])
      .where(ready =>
        // One that is to be cancelled waits for nothing: it will run no step.
        ready
          .where('j.cancel_requested', 1)
          .orWhere(free =>
            free
              .where(due => due.whereNull('j.not_before').orWhere('j.not_before', '<=', now))
              .whereNotExists(this.#blockers(trx, types, now, waiting)),
          ),
      )
      .orderBy([{ column: 'j.cancel_requested', order: 'desc' }, 'j.id'])
      .limit(limit)
    if (this.state.dialect === 'postgres') query.forUpdate('j').skipLocked()
    return query
  }

  /** Jobs that share a key with `j` and come first. */
  #blockers(trx: Knex.Transaction, types: readonly string[], now: string, waiting: readonly string[]) {
    return (blockers: Knex.QueryBuilder) =>
      blockers
        .select(trx.raw('1'))
        .from('job_keys as own')
        .join('job_keys as other', 'other.key', 'own.key')
        .join('jobs as b', 'b.id', 'other.job_id')
        .whereRaw('own.job_id = j.id and other.job_id <> j.id')
        .where(blocking =>
          blocking
            .where('b.state', 'running')
            .orWhere(begun => begun.where('b.state', 'queued').whereNotNull('b.started_at'))
            .orWhere(earlier =>
              // One that waits for its plugin or its time holds nobody up unless it had begun.
              earlier
                .where({ 'b.state': 'queued', 'b.cancel_requested': 0 })
                .whereRaw('b.id < j.id')
                .whereIn('b.type', types as string[])
                .whereNotIn('b.id', waiting as string[])
                .where(due => due.whereNull('b.not_before').orWhere('b.not_before', '<=', now)),
            ),
        )
  }

  /** Gives a job back to the queue, to go on from its first step that is not done. @throws LeaseLost */
  async release(job: JobRow, changes: readonly StepChange[] = [], set: Partial<JobRow> = {}): Promise<void> {
    await this.#inTurn(async trx => {
      await this.#fence(trx, job, { ...set, state: 'queued', runner_id: null, lease_until: null })
      await this.#changeSteps(trx, changes)
      await this.notify(trx, job.id)
    })
  }

  /** Puts a job back that was claimed by mistake, as if nobody had seen it. */
  async unclaim(job: JobRow): Promise<void> {
    const set = { state: 'queued', runner_id: null, lease_until: null }
    const begun = await this.state.knex('job_steps').where({ job_id: job.id }).where('attempt', '>', 0).first('id')
    await this.state
      .knex('jobs')
      .where({ id: job.id, claim: job.claim, state: 'running' })
      .update(begun ? set : { ...set, started_at: null })
  }

  /** Writes steps' new values, and the job's, as its present holder. @throws LeaseLost */
  async advance(job: JobRow, changes: readonly StepChange[], set: Partial<JobRow> = {}): Promise<void> {
    await this.#inTurn(async trx => {
      await this.#fence(trx, job, set)
      await this.#changeSteps(trx, changes)
    })
  }

  /** Makes the job terminal. `finish` is the rest of the transaction: the owner's rows, then the audit. */
  async settle(
    job: JobRow,
    changes: readonly StepChange[],
    result: {
      readonly state: JobState
      readonly problem?: StoredProblem
      readonly reveals: number
      readonly keepSecrets: boolean
    },
    finish: (trx: Knex.Transaction) => Promise<void>,
  ): Promise<void> {
    await this.#inTurn(async trx => {
      await this.#fence(trx, job, {
        state: result.state,
        problem: result.problem ? JSON.stringify(result.problem) : null,
        finished_at: this.#now(),
        reveals: result.reveals,
        runner_id: null,
        lease_until: null,
        ...(result.keepSecrets ? {} : { sealed: null }),
      })
      await this.#changeSteps(trx, changes)
      await trx('job_keys').where({ job_id: job.id }).delete()
      await finish(trx)
    })
  }

  /** Puts a finished job back into the queue, in the caller's transaction. */
  async requeue(trx: Knex.Transaction, job: JobRow, set: Partial<JobRow>): Promise<boolean> {
    const rows = await trx('jobs')
      .where({ id: job.id, state: job.state, claim: job.claim })
      .update({ ...set, state: 'queued', started_at: null, finished_at: null, cancel_requested: 0, trimmed_at: null })
    if (!rows) return false
    await this.#holdKeys(trx, job)
    await this.notify(trx, job.id)
    return true
  }

  /** A step that is to run anew gets a new id: what it did under the old one has been taken back. */
  async resetStep(trx: Knex.Transaction, step: StepRow): Promise<void> {
    const none = { result: null, problem: null, progress: null, progress_message: null }
    const fresh = { id: newId(), state: 'pending', attempt: 0, ...none }
    await trx('job_steps')
      .where({ id: step.id })
      .update({ ...fresh, started_at: null, finished_at: null })
  }

  /** Extends the leases of running jobs; answers the ids that are still this runner's. */
  async heartbeat(ids: readonly string[]): Promise<{ readonly held: Set<string>; readonly cancelled: Set<string> }> {
    const rows: Pick<JobRow, 'id' | 'cancel_requested'>[] = await this.state
      .knex('jobs')
      .where({ state: 'running', runner_id: this.host.runnerId })
      .whereIn('id', ids as string[])
      .update({ lease_until: this.#leaseEnd() })
      .returning(['id', 'cancel_requested'])
    return {
      held: new Set(rows.map(row => row.id)),
      cancelled: new Set(rows.filter(row => Number(row.cancel_requested)).map(row => row.id)),
    }
  }

  /**
   * Queues again what runs under a dead lease: expired, of a process of this host that is gone, or, with `lost`, of this
   * runner without being active here.
   */
  async recover(active: readonly string[], lost: boolean): Promise<number> {
    const rows: Pick<JobRow, 'id' | 'claim' | 'runner_id' | 'lease_until'>[] = await this.state
      .knex('jobs')
      .select('id', 'claim', 'runner_id', 'lease_until')
      .where({ state: 'running' })
    const now = this.#now()
    const dead = rows.filter(row => !active.includes(row.id) && this.#isDead(row, now, lost))
    for (const { id, claim } of dead) {
      await this.state
        .knex('jobs')
        .where({ id, claim, state: 'running' })
        .update({ state: 'queued', runner_id: null, lease_until: null })
    }
    return dead.length
  }

  #isDead(row: Pick<JobRow, 'runner_id' | 'lease_until'>, now: string, lost: boolean): boolean {
    if (!row.runner_id || !row.lease_until || row.lease_until <= now) return true
    return row.runner_id === this.host.runnerId ? lost : this.host.isDead(row.runner_id)
  }

  /** Epoch milliseconds when the next job that was deferred beyond `after` is due. */
  async nextDue(types: readonly string[], after: Date): Promise<number | undefined> {
    const row = await this.state
      .knex('jobs')
      .where({ state: 'queued', host_id: this.host.hostId })
      .whereIn('type', types as string[])
      .where('not_before', '>', after.toISOString())
      .min<{ due: string | null }>('not_before as due')
      .first()
    return row?.due ? Date.parse(row.due) : undefined
  }

  /**
   * What of this host is not finished: whether something could go on now, and when the next job's time comes. Jobs of types that
   * nobody defines, and those in `waiting`, wait for their plugin and count for neither.
   */
  async unfinished(
    types: readonly string[],
    waiting: readonly string[],
    at: Date,
  ): Promise<{ readonly now: boolean; readonly due?: Date }> {
    const { knex } = this.state
    const running = await knex('jobs').where({ host_id: this.host.hostId, state: 'running' }).first('id')
    if (running) return { now: true }
    const rows: { not_before: string | null }[] = await knex('jobs')
      .where({ host_id: this.host.hostId, state: 'queued' })
      .whereIn('type', types as string[])
      .whereNotIn('id', waiting as string[])
      .orderByRaw('not_before is null desc, not_before')
      .limit(1)
      .select('not_before')
    const [first] = rows
    if (!first) return { now: false }
    if (first.not_before === null || first.not_before <= at.toISOString()) return { now: true }
    return { now: false, due: new Date(first.not_before) }
  }

  /** How a job's log ends: its last number, its bytes, and whether it reached its bound. */
  async logEnd(jobId: string): Promise<{ seq: number; bytes: number; truncated: boolean }> {
    const { knex } = this.state
    const row = (await knex('job_log')
      .where({ job_id: jobId })
      .max({ seq: 'seq' })
      .sum({ bytes: knex.raw('octet_length(line)') as never })
      .select(knex.raw('count(*) - count(step) as notes'))
      .first()) as { seq: number | null; bytes: number | string | null; notes: number | string }
    return { seq: Number(row.seq ?? 0), bytes: Number(row.bytes ?? 0), truncated: Number(row.notes) > 0 }
  }

  /** Keeps how far a step of a job of this runner is. */
  async keepProgress(job: JobRow, { id, progress, progress_message }: StepRow): Promise<void> {
    const held = this.state.knex('jobs').select('id').where({ id: job.id, claim: job.claim, state: 'running' })
    await this.state.knex('job_steps').where({ id }).whereIn('job_id', held).update({ progress, progress_message })
  }

  /** Forgets a log that reached its bound, for the job is to run anew. */
  async makeRoomInLog(trx: Knex.Transaction, jobId: string): Promise<void> {
    const note = await trx('job_log').where({ job_id: jobId }).whereNull('step').first('seq')
    if (note) await trx('job_log').where({ job_id: jobId }).delete()
  }

  async insertLog(rows: readonly LogRow[]): Promise<void> {
    // SQLite binds at most 32,766 values in a statement.
    await insertMany(this.state.knex, 'job_log', rows)
  }

  /** Tells other processes, when the transaction commits, that this job wants attention. */
  async notify(trx: Knex.Transaction, jobId: string): Promise<void> {
    await this.peers.tellWith(trx, 'jobs', jobId)
  }

  /**
   * A transaction of a running job. SQLite has one connection and answers within the same turn of the event loop, so many
   * jobs' transactions would follow each other without a pause; here they queue, and requests get their turn between.
   */
  async #inTurn(run: (trx: Knex.Transaction) => Promise<void>): Promise<void> {
    if (this.state.dialect !== 'sqlite') return this.state.transaction(run)
    const done = this.#queue.then(() => nextTurn()).then(() => this.state.transaction(run))
    this.#queue = done.catch(() => undefined)
    return done
  }

  async #fence(trx: Knex.Transaction, job: JobRow, set: Partial<JobRow>): Promise<void> {
    const holder = { id: job.id, claim: job.claim, state: 'running' }
    // Setting the claim to itself is a lock and a check in one statement.
    const rows = await trx('jobs')
      .where(holder)
      .update({ claim: job.claim, ...set })
    if (!rows) throw new LeaseLost(`job ${job.id} is held by another runner`)
  }

  async #changeSteps(trx: Knex.Transaction, changes: readonly StepChange[]): Promise<void> {
    for (const { id, set } of changes) await trx('job_steps').where({ id }).update(set)
  }

  async #holdKeys(trx: Knex.Transaction, job: JobRow): Promise<void> {
    const keys = JSON.parse(job.keys) as string[]
    await insertMany(
      trx,
      'job_keys',
      keys.map(key => ({ key, job_id: job.id })),
    )
  }

  #now(): string {
    return this.clock.now().toISOString()
  }

  #leaseEnd(): string {
    return new Date(this.clock.now().getTime() + this.settings.leaseMs).toISOString()
  }
}
