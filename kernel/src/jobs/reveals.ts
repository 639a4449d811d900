import type { Actor } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { AuditLog } from '../audit/audit-log.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { RevealForbidden, RevealGone } from './errors.js'
import type { JobRow, StepRow } from './job-row.js'
import { RunParts } from './run-parts.js'
import { eraseSealed, revealedValues } from './secrets.js'

/** From the end of the job. */
export const readableMs = 10 * 60_000

/** Generated secrets of finished jobs: one read, by who asked for them, within ten minutes. */
@scoped(Lifecycle.ContainerScoped)
export class Reveals {
  constructor(
    private readonly state: State,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
    private readonly parts: RunParts,
  ) {}

  /** Until when a finished job's secrets can be read; undefined when there are none left. */
  availableUntil(job: JobRow): string | undefined {
    if (job.state !== 'succeeded' || !Number(job.reveals) || job.revealed_at || !job.finished_at) return undefined
    const until = Date.parse(job.finished_at) + readableMs
    return until > this.clock.now().getTime() ? new Date(until).toISOString() : undefined
  }

  /**
   * The secrets by `<step>.<path>`; gone afterwards.
   * @throws RevealForbidden for anybody but the submitting actor, RevealGone when read before or too late
   */
  async read(job: JobRow, actor: Actor): Promise<Record<string, string>> {
    if (job.actor_id !== (actor.userId ?? actor.id)) throw RevealForbidden({ id: job.id })
    if (!this.availableUntil(job)) throw RevealGone({ id: job.id })
    const steps = await this.state.transaction(async trx => {
      const won = await trx('jobs')
        .where({ id: job.id, revealed_at: null })
        .where('reveals', '>', 0)
        .update({ revealed_at: this.clock.now().toISOString(), reveals: 0 })
      if (!won) throw RevealGone({ id: job.id })
      const rows: StepRow[] = await trx('job_steps').where({ job_id: job.id }).whereNotNull('result')
      for (const { id, result } of rows)
        await trx('job_steps')
          .where({ id })
          .update({ result: eraseSealed(result ?? '') })
      await this.audit.append(trx, { actor, action: 'jobs.reveal', target: job.id, outcome: 'success' })
      return rows
    })
    const seal = this.parts.seal(job.id)
    const values: Record<string, string> = {}
    for (const { name, result } of steps) {
      for (const [path, value] of revealedValues(seal, result ?? 'null'))
        values[path ? `${name}.${path}` : name] = value
    }
    return values
  }

  /** Erases what nobody read in time. */
  async expire(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - readableMs).toISOString()
    const jobs: Pick<JobRow, 'id'>[] = await this.state
      .knex('jobs')
      .where('reveals', '>', 0)
      .where('finished_at', '<=', before)
      .select('id')
    for (const { id } of jobs) {
      await this.state.transaction(async trx => {
        const rows: StepRow[] = await trx('job_steps').where({ job_id: id }).whereNotNull('result')
        for (const row of rows) {
          await trx('job_steps')
            .where({ id: row.id })
            .update({ result: eraseSealed(row.result ?? '') })
        }
        await trx('jobs').where({ id }).update({ reveals: 0 })
      })
    }
  }
}
