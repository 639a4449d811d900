import type { JobOutcome, JobState } from '@nusantara/sdk'
import { SettleFailed } from './errors.js'
import { type JobRecord, messageOf } from './job-record.js'
import type { StoredProblem } from './job-row.js'
import { LeaseLost } from './job-store.js'
import type { JobType } from './job-types.js'
import type { RunParts } from './run-parts.js'

/** The owner's part of the terminal transaction threw. */
class OwnerFailed extends Error {}

const ownerTries = 5

/**
 * Makes a job terminal, its owner's rows and the audit entry with it, and tells whoever listens. While the store is away it
 * tries again; when the owner's part goes on failing, the job ends in doubt.
 *
 * @throws LeaseLost, Interrupted when the process is to end meanwhile
 */
export async function settle(
  parts: RunParts,
  record: JobRecord,
  type: JobType,
  state: JobState,
  problem?: StoredProblem,
): Promise<void> {
  const { job } = record
  // Lines that cannot be written now are no reason to keep a job from its end.
  await record.log.flush().catch(() => undefined)
  if (state === 'failed' || state === 'cancelled') record.eraseReveals()
  const succeeded = state === 'succeeded'
  const reveals = succeeded ? record.steps.filter(row => row.result?.includes('"$sealed"')).length : 0
  // A job that can be tried again needs its secret input again.
  const result = { state, problem, reveals, keepSecrets: state === 'failed' || state === 'unknown' }
  let ownerFailures = 0
  for (let failures = 1; ; failures++) {
    try {
      await parts.store.settle(job, record.unwritten, result, async trx => {
        if (type.definition.onSettled && state !== 'unknown') {
          const outcome = { state, ...(problem ? { problem } : {}) } as JobOutcome
          const { input, done, actor } = record
          try {
            await type.definition.onSettled(trx, { input, done, outcome, actor, jobId: job.id, deps: type.deps })
          } catch (error) {
            throw new OwnerFailed(record.log.clean(messageOf(error)), { cause: error })
          }
        }
        await parts.audit.append(trx, {
          actor: record.actor,
          action: 'jobs.finished',
          target: job.resource_id ?? undefined,
          params: { job: job.id, operation: job.operation, state, problem: problem?.code },
          outcome: succeeded ? 'success' : 'failure',
        })
      })
      break
    } catch (error) {
      if (error instanceof LeaseLost) throw error
      parts.logger.warn({ err: error, job: job.id }, 'a job could not be settled; trying again')
      if (error instanceof OwnerFailed && ++ownerFailures >= ownerTries) {
        const doubt = SettleFailed({ type: job.type, detail: error.message })
        return settle(parts, record, type, 'unknown', record.stored(doubt))
      }
      await record.pause(failures)
    }
  }
  record.publishState(state, problem)
  if (job.resource_id) await parts.events.resourceChanged(job.resource_id)
  const finished = { id: job.id, type: job.type, state, actor: record.actor }
  await parts.events.finished({ ...finished, ...(problem ? { problem } : {}) })
}
