import { BrokerUnavailable, ChangeRecovered } from '../broker/errors.js'
import { JobOutdated } from './errors.js'
import { Interrupted, type Interruption, Stuck } from './interruption.js'
import { isFinal, type JobRecord, messageOf } from './job-record.js'
import type { StepRow, StoredProblem } from './job-row.js'
import { LeaseLost } from './job-store.js'
import type { JobType, ResolvedStep } from './job-types.js'
import type { RunParts } from './run-parts.js'
import { stepContext } from './step-context.js'

/** Runs one step, or takes it back, as often as it takes and its definition allows. */
export class StepAttempts {
  constructor(
    private readonly parts: RunParts,
    private readonly record: JobRecord,
    private readonly type: JobType,
    private readonly interruption: Interruption,
  ) {}

  /** @throws what the step threw last, Interrupted, Stuck, LeaseLost */
  async run(row: StepRow): Promise<void> {
    const { record, interruption } = this
    const step = this.resolve(row)
    for (let failures = 0; ; ) {
      await record.begin(row, 'running')
      try {
        const { stopped } = interruption
        const result = await this.#guard(row, stopped, () => step.definition.run(this.#context(row, step, stopped)))
        record.succeed(row, result)
        return
      } catch (error) {
        if (error instanceof LeaseLost || error instanceof Stuck) throw error
        // A step that throws after it was told to stop did what it was told.
        if (interruption.reason) throw new Interrupted(interruption.reason)
        failures++
        record.log.line(row.name, messageOf(error))
        if (failures > this.#triesAgain(step, error)) {
          record.fail(row, record.stored(error, row.name))
          throw error
        }
        await this.parts.timers.sleep(this.parts.settings.backoff(failures), interruption.stopped)
        if (interruption.draining) record.change(row, { state: 'pending' })
        interruption.check()
      }
    }
  }

  /** Takes one step back, trying a few times; answers the problem when it cannot. @throws Interrupted, Stuck, LeaseLost */
  async undo(row: StepRow, step: ResolvedStep): Promise<StoredProblem | undefined> {
    const { record, interruption } = this
    const result = row.result === null ? {} : { result: record.done[row.name] }
    for (let failures = 0; ; ) {
      await record.begin(row, 'undoing')
      const limit = new AbortController()
      const cancelTimer = this.parts.timers.after(this.type.timeoutMs, () => limit.abort(new Interrupted('timeout')))
      const signal = AbortSignal.any([limit.signal, interruption.left])
      try {
        const context = { ...this.#context(row, step, signal), ...result }
        await this.#guard(row, signal, async () => step.definition.undo?.(context))
        record.undone(row)
        return undefined
      } catch (error) {
        if (error instanceof LeaseLost) throw error
        // What it still does must not meet its successor: the lease runs out, or the next start decides.
        if (error instanceof Stuck && interruption.left.aborted) throw error
        interruption.checkLeft()
        failures++
        const problem = record.stored(error, row.name)
        record.log.line(row.name, messageOf(error))
        record.change(row, { problem: JSON.stringify(problem) })
        if (isFinal(error) || error instanceof Stuck || limit.signal.aborted) return problem
        if (failures >= this.parts.settings.undoTries) return problem
        await this.parts.timers.sleep(this.parts.settings.backoff(failures), interruption.left)
      } finally {
        cancelTimer()
      }
    }
  }

  /** @throws JobOutdated when nobody defines the step now */
  resolve(row: StepRow): ResolvedStep {
    const step = this.parts.types.step(this.type, row)
    if (!step) throw JobOutdated({ type: this.record.job.type, step: row.name })
    return step
  }

  /** How often a step is tried again after this failure. */
  #triesAgain({ definition: { onCrash, retries = 0 } }: ResolvedStep, error: unknown): number {
    if (isFinal(error)) return 0
    // To the step, a broker that went away is a crash: what it was asked may be done, half done and restored, or not begun.
    return onCrash === 'replay' && brokerWentAway(error) ? Math.max(retries, this.parts.settings.brokerTries) : retries
  }

  /** Waits for the step, but after it was told to stop only for the grace. @throws Stuck */
  async #guard<T>(row: StepRow, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    const giveUp = Promise.withResolvers<never>()
    let cancelTimer: (() => void) | undefined
    const arm = () => {
      cancelTimer = this.parts.timers.after(this.parts.settings.graceMs, () => giveUp.reject(new Stuck(row.name)))
    }
    signal.addEventListener('abort', arm, { once: true })
    if (signal.aborted) arm()
    try {
      return await Promise.race([run(), giveUp.promise])
    } finally {
      signal.removeEventListener('abort', arm)
      cancelTimer?.()
    }
  }

  #context(row: StepRow, step: ResolvedStep, signal: AbortSignal) {
    const { job, actor, input, done, log } = this.record
    return stepContext(this.type, step, {
      jobId: job.id,
      resourceId: job.resource_id ?? undefined,
      actor,
      input,
      done,
      signal,
      stepId: row.id,
      attempt: row.attempt,
      log: line => log.line(row.name, line),
      progress: (fraction, message) => log.progress(row, fraction, message),
    })
  }
}

function brokerWentAway(error: unknown): boolean {
  return BrokerUnavailable.is(error) || ChangeRecovered.is(error)
}
