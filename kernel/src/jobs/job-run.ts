import { newId } from '@nusantara/sdk'
import { JobCancelled, JobInterrupted, JobOutdated, JobTimeout, PlanOutdated, StepStuck, UndoFailed } from './errors.js'
import { Interrupted, Interruption, Stuck } from './interruption.js'
import { JobRecord } from './job-record.js'
import type { StoredProblem } from './job-row.js'
import { type ClaimedJob, LeaseLost } from './job-store.js'
import type { JobType } from './job-types.js'
import type { RunParts } from './run-parts.js'
import { settle } from './settlement.js'
import { StepAttempts } from './step-attempts.js'
import { planSteps } from './step-context.js'

/**
 * One claimed job from here to its end: steps forward, or, once something failed, back. Every change of state is written
 * before what it announces begins, so whoever takes over after a crash knows which step was under way.
 */
export class JobRun {
  readonly #interruption = new Interruption()
  readonly #record: JobRecord
  readonly #attempts: StepAttempts

  /** @throws SealBroken when nobody can open its input */
  constructor(
    private readonly parts: RunParts,
    claimed: ClaimedJob,
    private readonly type: JobType,
  ) {
    this.#record = new JobRecord(parts, claimed, this.#interruption)
    this.#attempts = new StepAttempts(parts, this.#record, type, this.#interruption)
  }

  /** Owners whose code this job runs. */
  get owners(): ReadonlySet<string> {
    return new Set([this.type.owner, ...this.#record.steps.map(row => row.owner)])
  }

  cancel(): void {
    if (this.#record.job.direction === 'forward') this.#interruption.interrupt('cancel')
  }

  /** The lease went to another runner. */
  lose(): void {
    this.#interruption.interrupt('lost')
  }

  /** Stop at the next step boundary; with `now`, tell the running step too. */
  drain(now = false): void {
    this.#interruption.drain()
    if (now) this.#interruption.interrupt('drain')
  }

  /** Resolves when this runner is through with the job: terminal, given back, or lost. Never rejects. */
  async execute(): Promise<void> {
    const { job, log } = this.#record
    const cancelTimer = this.parts.timers.after(this.type.timeoutMs, () => this.#interruption.interrupt('timeout'))
    this.#record.publishState('running')
    try {
      if (job.direction === 'forward' && (await this.#forward())) return
      await this.#back()
    } catch (error) {
      await this.#leave(error)
    } finally {
      cancelTimer()
      await log.close()
    }
  }

  /** True when all is done; false when it has to be taken back. */
  async #forward(): Promise<boolean> {
    try {
      await this.#prepare()
      for (const row of this.#record.steps) {
        if (row.state === 'succeeded') continue
        this.#interruption.check()
        await this.#attempts.run(row)
      }
      if (this.#interruption.reason === 'cancel') this.#interruption.check()
    } catch (error) {
      if (leaves(error)) throw error
      await this.#turnBack(error)
      return false
    }
    await settle(this.parts, this.#record, this.type, 'succeeded')
    return true
  }

  /** Everything that must hold before the first step, and again when another process goes on. */
  async #prepare(): Promise<void> {
    const { job, steps } = this.#record
    for (const row of steps) this.#attempts.resolve(row)
    const crashed = steps.find(row => row.state === 'running')
    if (crashed) {
      const { onCrash, retries = 0 } = this.#attempts.resolve(crashed).definition
      const exhausted = crashed.attempt >= this.parts.settings.maxReplays + retries
      if (onCrash === 'compensate' || exhausted) throw JobInterrupted({ type: job.type, step: crashed.name })
    }
    if (Number(job.cancel_requested)) this.cancel()
    this.#interruption.check()
    const permissions = this.parts.types.permissions(this.type, this.#record.input)
    this.#record.actor = await this.#record.steady(() => this.parts.actors.authorize(job, permissions))
    if (job.plan_hash && steps.every(row => row.attempt === 0)) await this.#checkPlan()
  }

  /** The plan that was agreed to must be what would happen now. @throws PlanOutdated */
  async #checkPlan(): Promise<void> {
    const { job, steps, actor, input } = this.#record
    const resolved = steps.map(row => this.#attempts.resolve(row))
    const subject = {
      operation: job.operation,
      input: JSON.parse(job.input) as unknown,
      generated: JSON.parse(job.generated ?? '{}') as Record<string, string>,
    }
    const plan = await planSteps(this.type, resolved, subject, {
      jobId: job.id,
      resourceId: job.resource_id ?? undefined,
      actor,
      input,
      signal: this.#interruption.stopped,
      stepId: newId(),
    })
    if (plan.hash !== job.plan_hash) throw PlanOutdated({ type: job.type })
  }

  /** Writes why and that the way back begins. */
  async #turnBack(error: unknown): Promise<void> {
    const { job, steps } = this.#record
    const reason = error instanceof Interrupted ? error.reason : undefined
    const why =
      reason === 'cancel'
        ? JobCancelled({ type: job.type })
        : reason === 'timeout'
          ? JobTimeout({ type: job.type, seconds: this.type.timeoutMs / 1000 })
          : error
    const failed = steps.find(({ state }) => state === 'failed')
    const problem = JSON.stringify(this.#record.stored(why, failed?.name))
    await this.#record.write({ direction: 'undo', outcome: reason === 'cancel' ? 'cancelled' : 'failed', problem })
  }

  async #back(): Promise<void> {
    const { job, steps } = this.#record
    for (const row of steps.toReversed()) {
      const begun = row.attempt > 0 && row.state !== 'undone'
      if (!begun) continue
      const step = this.parts.types.step(this.type, row)
      if (!step) return this.#doubt(JobOutdated({ type: job.type, step: row.name }))
      if (!step.definition.undo) continue
      this.#interruption.checkLeft()
      const failure = await this.#attempts.undo(row, step)
      if (failure) return this.#doubt(UndoFailed({ step: row.name, cause: failure.code }))
    }
    const problem = job.problem ? (JSON.parse(job.problem) as StoredProblem) : undefined
    await settle(this.parts, this.#record, this.type, job.outcome ?? 'failed', problem)
  }

  #doubt(problem: unknown): Promise<void> {
    return settle(this.parts, this.#record, this.type, 'unknown', this.#record.stored(problem))
  }

  #later(): string {
    const { clock, settings } = this.parts
    const claims = Math.min(this.#record.job.claim, 10)
    return new Date(clock.now().getTime() + settings.backoff(claims)).toISOString()
  }

  /** Leaves a job that this runner does not finish. */
  async #leave(error: unknown): Promise<void> {
    const { job, log, unwritten } = this.#record
    const lost = error instanceof LeaseLost || (error instanceof Interrupted && error.reason === 'lost')
    if (lost) return
    try {
      if (error instanceof Stuck) {
        // On a drain the step may go on for a while: the lease runs out, or dies with the process, and a next run decides.
        if (this.#interruption.left.aborted) return
        return await this.#doubt(StepStuck({ step: error.step }))
      }
      const unexpected = !(error instanceof Interrupted)
      if (unexpected) this.parts.logger.error({ err: error, job: job.id }, 'a job run failed unexpectedly')
      await log.flush().catch(() => undefined)
      // What failed for a reason that nobody foresaw may fail again at once.
      await this.parts.store.release(job, unwritten, unexpected ? { not_before: this.#later() } : {})
      this.#record.publishState('queued')
    } catch (failure) {
      // The lease runs out and another run goes on from what is written.
      this.parts.logger.error({ err: failure, job: job.id }, 'a job could not be given back')
    }
  }
}

/** Errors that end the run here instead of turning it back. */
function leaves(error: unknown): boolean {
  if (error instanceof LeaseLost || error instanceof Stuck) return true
  return error instanceof Interrupted && (error.reason === 'drain' || error.reason === 'lost')
}
