import { type Actor, holds, type JobRef } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { AuditLog } from '../audit/audit-log.js'
import { Access } from '../rbac/access.js'
import { Forbidden } from '../rbac/errors.js'
import { State } from '../state/state.js'
import { JobNotCancellable, JobNotRetryable, JobOfAdministrator, JobTypeUnknown } from './errors.js'
import { JobActors } from './job-actors.js'
import type { JobRow, StepRow } from './job-row.js'
import { JobStore } from './job-store.js'
import { JobTypes } from './job-types.js'
import { Runner } from './runner.js'

/** What people do to jobs: stop them, and try them again. */
@scoped(Lifecycle.ContainerScoped)
export class JobControl {
  constructor(
    private readonly state: State,
    private readonly store: JobStore,
    private readonly types: JobTypes,
    private readonly runner: Runner,
    private readonly actors: JobActors,
    private readonly access: Access,
    private readonly audit: AuditLog,
  ) {}

  /**
   * A queued job ends before its first step; a running one is told to stop and taken back; of an unknown one the rest is
   * taken back.
   * @throws JobNotCancellable when it has ended otherwise, Forbidden without the permission it was submitted with,
   * JobOfAdministrator when an administrator submitted it and the actor is none
   */
  async cancel(job: JobRow, actor: Actor): Promise<void> {
    if (job.permission?.includes(':') && !holds(actor, job.permission)) throw Forbidden({ permission: job.permission })
    if (this.actors.parse(job.actor).admin && !actor.admin) throw JobOfAdministrator({ id: job.id })
    const refused = () => JobNotCancellable({ id: job.id, state: job.state })
    if (!['queued', 'running', 'unknown'].includes(job.state)) throw refused()
    await this.state.transaction(async trx => {
      if (job.state === 'unknown') {
        const back = { direction: 'undo' as const, outcome: 'cancelled' as const, problem: null }
        if (!(await this.store.requeue(trx, job, back))) throw refused()
      } else {
        const rows = await trx('jobs')
          .where({ id: job.id })
          .whereIn('state', ['queued', 'running'])
          .update({ cancel_requested: 1 })
        if (!rows) throw refused()
        await this.store.notify(trx, job.id)
      }
      await this.#record(trx, actor, 'jobs.cancel', job)
    })
    if (!this.runner.cancel(job.id)) this.runner.wake()
  }

  /**
   * Queues a job that came to nothing again, for this actor. Steps that were taken back run under new ids; of an unknown
   * job, those that are done stay done.
   * @throws JobNotRetryable, JobTypeUnknown, and what the permission check of the first submission throws
   */
  async retry(job: JobRow, actor: Actor): Promise<JobRef> {
    if (!['failed', 'cancelled', 'unknown'].includes(job.state)) {
      throw JobNotRetryable({ id: job.id, state: job.state })
    }
    if (job.permission) this.access.require(actor, job.permission)
    if (!this.types.get(job.type)) throw JobTypeUnknown({ type: job.type })
    await this.state.transaction(async trx => {
      const steps: StepRow[] = await trx('job_steps').where({ job_id: job.id })
      for (const step of steps) {
        if (job.state === 'unknown' && step.state === 'succeeded') continue
        // What may still be under way, or in force because it could not be taken back, is asked for by its old id: a new
        // one would not know what to restore. What was taken back needs a new one.
        if (['running', 'undoing'].includes(step.state))
          await trx('job_steps').where({ id: step.id }).update({ state: 'pending' })
        else if (step.attempt > 0) await this.store.resetStep(trx, step)
      }
      const queued = await this.store.requeue(trx, job, {
        direction: 'forward',
        outcome: null,
        problem: null,
        actor: this.actors.serialize(actor),
        actor_id: actor.userId ?? actor.id,
        // The key spoke of the first submission.
        idempotency_key: null,
        idempotency_digest: null,
        not_before: null,
        ...(job.state === 'unknown' ? { plan_hash: null } : {}),
      })
      if (!queued) throw JobNotRetryable({ id: job.id, state: job.state })
      await this.store.makeRoomInLog(trx, job.id)
      await this.#record(trx, actor, 'jobs.retry', job)
    })
    this.runner.wake()
    return { id: job.id, href: `/api/v1/jobs/${job.id}` }
  }

  #record(trx: Parameters<AuditLog['append']>[0], actor: Actor, action: string, job: JobRow): Promise<void> {
    const params = { type: job.type, state: job.state }
    return this.audit.append(trx, { actor, action, target: job.id, params, outcome: 'success' })
  }
}
