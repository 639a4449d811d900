import { type Actor, type JobOutcome, type JobState, newId, Problem } from '@nusantara/sdk'
import { BrokerUnavailable, ChangeRecovered } from '../broker/errors.js'
import {
  JobCancelled,
  JobInterrupted,
  JobOutdated,
  JobTimeout,
  PlanOutdated,
  SettleFailed,
  StepFailed,
  StepStuck,
  UndoFailed,
} from './errors.js'
import { Interrupted, Interruption, Stuck } from './interruption.js'
import { JobLog } from './job-log.js'
import type { JobRow, StepRow, StoredProblem } from './job-row.js'
import { type ClaimedJob, LeaseLost, type StepChange } from './job-store.js'
import type { JobType, ResolvedStep } from './job-types.js'
import type { RunParts } from './run-parts.js'
import { eraseSealed, openResult, sealResult, textsOf } from './secrets.js'
import { planSteps, stepContext } from './step-context.js'

/** The owner's part of the terminal transaction threw. */
class OwnerFailed extends Error {}

const settleTries = 5

/**
 * One claimed job from here to its end: steps forward, or, once something failed, back. Every change of state is written
 * before what it announces begins, so whoever takes over after a crash knows which step was under way.
 */
export class JobRun {
  readonly #interruption = new Interruption()
  readonly #log: JobLog
  readonly #job: JobRow
  readonly #rows: StepRow[]
  readonly #input: unknown
  readonly #done: Record<string, unknown> = {}
  /** What has happened but is written together with what comes next. */
  #unwritten: StepChange[] = []
  #actor: Actor

  constructor(
    private readonly parts: RunParts,
    claimed: ClaimedJob,
    private readonly type: JobType,
  ) {
    this.#job = claimed.job
    this.#rows = claimed.steps
    this.#log = new JobLog(parts, this.#job.id)
    const seal = parts.seal(this.#job.id)
    const secret = this.#job.sealed ? (JSON.parse(seal.open(this.#job.sealed)) as object) : {}
    this.#input = { ...(JSON.parse(this.#job.input) as object), ...secret }
    this.#log.hide(textsOf(secret))
    for (const row of this.#rows) {
      if (row.result === null) continue
      this.#done[row.name] = openResult(seal, row.result)
      this.#log.hide(sealResult(seal, this.#done[row.name]).secrets)
    }
    this.#actor = parts.actors.parse(this.#job.actor)
  }

  get id(): string {
    return this.#job.id
  }

  /** Owners whose code this job runs. */
  get owners(): ReadonlySet<string> {
    return new Set([this.type.owner, ...this.#rows.map(row => row.owner)])
  }

  cancel(): void {
    if (this.#job.direction === 'forward') this.#interruption.interrupt('cancel')
  }

  /** The lease went to another runner. */
  lose(): void {
    this.#interruption.interrupt('lost')
  }

  /** Stop at the next step boundary; with `now`, tell the running step too. */
  drain(now = false): void {
    if (now) this.#interruption.interrupt('drain')
    else this.#interruption.drain()
  }

  /** Resolves when this runner is through with the job: terminal, given back, or lost. Never rejects. */
  async execute(): Promise<void> {
    const seconds = this.#timeoutMs() / 1000
    const cancelTimer = this.parts.timers.after(this.#timeoutMs(), () => this.#interruption.interrupt('timeout'))
    this.#publishState('running')
    try {
      if (this.#job.direction === 'forward' && (await this.#forward(seconds))) return
      await this.#back()
    } catch (error) {
      await this.#leave(error)
    } finally {
      cancelTimer()
      await this.#log.flush().catch(() => undefined)
    }
  }

  /** True when all is done; false when it has to be taken back. */
  async #forward(seconds: number): Promise<boolean> {
    try {
      await this.#prepare()
      for (const row of this.#rows) {
        if (row.state === 'succeeded') continue
        this.#interruption.check()
        await this.#run(row)
      }
      if (this.#interruption.reason === 'cancel') this.#interruption.check()
    } catch (error) {
      if (leaves(error)) throw error
      const cancelled = error instanceof Interrupted && error.reason === 'cancel'
      const timedOut = error instanceof Interrupted && error.reason === 'timeout'
      const problem = cancelled
        ? JobCancelled({ type: this.#job.type })
        : timedOut
          ? JobTimeout({ type: this.#job.type, seconds })
          : error
      const failed = this.#rows.find(({ state }) => state === 'failed')
      await this.#turnBack(cancelled ? 'cancelled' : 'failed', this.#stored(problem, failed?.name))
      return false
    }
    await this.#settle('succeeded')
    return true
  }

  /** Everything that must hold before the first step, and again when another process goes on. */
  async #prepare(): Promise<void> {
    for (const row of this.#rows) this.#resolve(row)
    const crashed = this.#rows.find(row => row.state === 'running')
    if (crashed) {
      const { onCrash, retries = 0 } = this.#resolve(crashed).definition
      const exhausted = crashed.attempt >= this.parts.settings.maxReplays + retries
      if (onCrash === 'compensate' || exhausted) throw JobInterrupted({ type: this.#job.type, step: crashed.name })
    }
    if (this.#job.cancel_requested) this.cancel()
    this.#interruption.check()
    this.#actor = await this.#steady(() => this.parts.actors.authorize(this.#job))
    if (this.#job.plan_hash && this.#rows.every(row => row.attempt === 0)) await this.#checkPlan()
  }

  async #checkPlan(): Promise<void> {
    const { type } = this
    const steps = this.#rows.map(row => this.#resolve(row))
    const subject = {
      operation: this.#job.operation,
      input: JSON.parse(this.#job.input) as unknown,
      generated: JSON.parse(this.#job.generated ?? '{}') as Record<string, string>,
    }
    const plan = await planSteps(type, steps, subject, {
      jobId: this.#job.id,
      resourceId: this.#job.resource_id ?? undefined,
      actor: this.#actor,
      input: this.#input,
      signal: this.#interruption.signal,
      stepId: newId(),
    })
    if (plan.hash !== this.#job.plan_hash) throw PlanOutdated({ type: this.#job.type })
  }

  async #run(row: StepRow): Promise<void> {
    const step = this.#resolve(row)
    for (let failures = 0; ; ) {
      await this.#begin(row, 'running')
      try {
        const { signal } = this.#interruption
        const result = await this.#guard(row, signal, () => step.definition.run(this.#context(row, step, signal)))
        this.#succeed(row, result)
        return
      } catch (error) {
        if (error instanceof LeaseLost || error instanceof Stuck) throw error
        // A step that throws after it was told to stop did what it was told.
        this.#throwIfStopped()
        failures++
        this.#log.line(row.name, error instanceof Error ? error.message : String(error))
        if (failures > this.#triesAgain(step, error)) {
          const problem = this.#stored(error, row.name)
          this.#change(row, { state: 'failed', problem: JSON.stringify(problem), finished_at: this.#now() })
          throw error
        }
        await this.parts.timers.sleep(this.parts.settings.backoff(failures), this.#interruption.signal)
        if (this.#interruption.draining) this.#change(row, { state: 'pending' })
        this.#interruption.check()
      }
    }
  }

  /** How often a step is tried again after this failure. */
  #triesAgain({ definition: { onCrash, retries = 0 } }: ResolvedStep, error: unknown): number {
    if (isFinal(error)) return 0
    // To the step, a broker that went away is a crash: what it was asked may be done, half done and restored, or not begun.
    return onCrash === 'replay' && brokerWentAway(error) ? Math.max(retries, this.parts.settings.brokerTries) : retries
  }

  #succeed(row: StepRow, result: unknown): void {
    const { json, secrets } = sealResult(this.parts.seal(this.#job.id), result)
    this.#log.hide(secrets)
    // Later steps see what they would see after a restart.
    this.#done[row.name] = openResult(this.parts.seal(this.#job.id), json)
    this.#change(row, { state: 'succeeded', result: json, problem: null, finished_at: this.#now() })
    this.#publishStep(row)
  }

  async #turnBack(outcome: 'failed' | 'cancelled', problem: StoredProblem): Promise<void> {
    const set = { direction: 'undo' as const, outcome, problem: JSON.stringify(problem) }
    await this.#write(set)
    Object.assign(this.#job, set)
  }

  async #back(): Promise<void> {
    for (const row of this.#rows.toReversed()) {
      const begun = row.attempt > 0 && row.state !== 'pending' && row.state !== 'undone'
      if (!begun) continue
      const step = this.parts.types.step(this.type, row)
      if (!step) return this.#settle('unknown', this.#stored(JobOutdated({ type: this.#job.type, step: row.name })))
      if (!step.definition.undo) continue
      if (this.#interruption.draining) throw new Interrupted('drain')
      const failure = await this.#undo(row, step)
      if (!failure) continue
      const problem = UndoFailed({ step: row.name, cause: failure.code })
      return this.#settle('unknown', this.#stored(problem))
    }
    const problem = this.#job.problem ? (JSON.parse(this.#job.problem) as StoredProblem) : undefined
    await this.#settle(this.#job.outcome ?? 'failed', problem)
  }

  /** Takes one step back, trying a few times; answers the problem when it cannot. */
  async #undo(row: StepRow, step: ResolvedStep): Promise<StoredProblem | undefined> {
    const finished = row.result !== null
    for (let failures = 0; ; ) {
      await this.#begin(row, 'undoing')
      const limit = new AbortController()
      const cancelTimer = this.parts.timers.after(this.#timeoutMs(), () => limit.abort(new Interrupted('timeout')))
      const signal = AbortSignal.any([limit.signal, this.#drainSignal()])
      try {
        const context = { ...this.#context(row, step, signal), ...(finished ? { result: this.#done[row.name] } : {}) }
        await this.#guard(row, signal, async () => step.definition.undo?.(context))
        this.#change(row, { state: 'undone', finished_at: this.#now() })
        this.#publishStep(row)
        return undefined
      } catch (error) {
        if (error instanceof LeaseLost) throw error
        if (this.#interruption.reason === 'lost') throw new Interrupted('lost')
        if (this.#interruption.draining) throw new Interrupted('drain')
        failures++
        const problem = this.#stored(error, row.name)
        this.#log.line(row.name, error instanceof Error ? error.message : String(error))
        this.#change(row, { problem: JSON.stringify(problem) })
        if (isFinal(error) || error instanceof Stuck || limit.signal.aborted) return problem
        if (failures >= this.parts.settings.undoTries) return problem
        await this.parts.timers.sleep(this.parts.settings.backoff(failures), this.#drainSignal())
      } finally {
        cancelTimer()
      }
    }
  }

  /** Cancel and timeout ended the way forward; only drain and a lost lease end the way back. */
  #drainSignal(): AbortSignal {
    const { reason, signal } = this.#interruption
    return reason === 'cancel' || reason === 'timeout' ? new AbortController().signal : signal
  }

  async #settle(state: JobState, problem?: StoredProblem): Promise<void> {
    await this.#log.flush().catch(() => undefined)
    const { onSettled } = this.type.definition
    const { parts } = this
    const failed = state !== 'succeeded'
    if (state === 'failed' || state === 'cancelled') this.#eraseReveals()
    const reveals = failed ? 0 : this.#rows.filter(row => row.result?.includes('"$sealed"')).length
    for (let failures = 1; ; failures++) {
      try {
        const keepSecrets = state === 'failed' || state === 'unknown'
        await parts.store.settle(this.#job, this.#unwritten, { state, problem, reveals, keepSecrets }, async trx => {
          if (onSettled && state !== 'unknown') {
            const outcome = { state, ...(problem ? { problem } : {}) } as JobOutcome
            const context = { input: this.#input, done: this.#done, outcome, actor: this.#actor, jobId: this.#job.id }
            try {
              await onSettled(trx, { ...context, deps: this.type.deps })
            } catch (error) {
              throw new OwnerFailed(this.#log.clean(String((error as Error).message)), { cause: error })
            }
          }
          await parts.audit.append(trx, {
            actor: this.#actor,
            action: 'jobs.finished',
            target: this.#job.resource_id ?? undefined,
            params: { job: this.#job.id, operation: this.#job.operation, state, problem: problem?.code },
            outcome: failed ? 'failure' : 'success',
          })
        })
        break
      } catch (error) {
        if (error instanceof LeaseLost) throw error
        parts.logger.warn({ err: error, job: this.#job.id }, 'a job could not be settled; trying again')
        if (error instanceof OwnerFailed && failures >= settleTries) {
          const settleFailed = SettleFailed({ type: this.#job.type, detail: error.message })
          return this.#settle('unknown', this.#stored(settleFailed))
        }
        await this.#pause(failures)
      }
    }
    this.#publishState(state, problem)
    const { id, type } = this.#job
    await parts.events.finished({ id, type, state, actor: this.#actor, ...(problem ? { problem } : {}) })
  }

  /** A secret of a job that came to nothing is of no use to anybody. */
  #eraseReveals(): void {
    for (const row of this.#rows) {
      if (row.result?.includes('"$sealed"')) this.#change(row, { result: eraseSealed(row.result) })
    }
  }

  /** Leaves a job that this runner does not finish. */
  async #leave(error: unknown): Promise<void> {
    const lost = error instanceof LeaseLost || (error instanceof Interrupted && error.reason === 'lost')
    if (lost) return
    try {
      if (error instanceof Stuck) {
        // On a drain the process is about to end: the lease dies with it, and the next start decides.
        if (this.#interruption.reason === 'drain') return
        return await this.#settle('unknown', this.#stored(StepStuck({ step: error.step })))
      }
      if (!(error instanceof Interrupted)) {
        this.parts.logger.error({ err: error, job: this.#job.id }, 'a job run failed unexpectedly')
      }
      await this.#log.flush().catch(() => undefined)
      await this.parts.store.release(this.#job, this.#unwritten)
      this.#publishState('queued')
    } catch (failure) {
      // The lease runs out and another run goes on from what is written.
      this.parts.logger.error({ err: failure, job: this.#job.id }, 'a job could not be given back')
    }
  }

  async #begin(row: StepRow, state: 'running' | 'undoing'): Promise<void> {
    this.#change(row, { state, attempt: row.attempt + 1, started_at: row.started_at ?? this.#now() })
    await this.#write()
    this.#publishStep(row)
  }

  #change(row: StepRow, set: Partial<StepRow>): void {
    Object.assign(row, set)
    const earlier = this.#unwritten.find(change => change.id === row.id)
    this.#unwritten = [
      ...this.#unwritten.filter(change => change !== earlier),
      { id: row.id, set: { ...earlier?.set, ...set } },
    ]
  }

  async #write(set: Partial<JobRow> = {}): Promise<void> {
    await this.#steady(() => this.parts.store.advance(this.#job, this.#unwritten, set))
    this.#unwritten = []
  }

  /** Tries again while the store is away; what a Problem or a lost lease says is final. */
  async #steady<T>(run: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures++) {
      try {
        return await run()
      } catch (error) {
        if (error instanceof LeaseLost || isFinal(error)) throw error
        this.parts.logger.warn({ err: error, job: this.#job.id }, 'the state store failed; trying again')
        await this.#pause(failures)
      }
    }
  }

  async #pause(failures: number): Promise<void> {
    await this.parts.timers.sleep(this.parts.settings.backoff(failures), this.#drainSignal())
    if (this.#interruption.reason === 'lost') throw new Interrupted('lost')
    if (this.#interruption.draining) throw new Interrupted('drain')
  }

  /** Waits for the step, but after it was told to stop only for the grace. */
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
    return stepContext(this.type, step, {
      jobId: this.#job.id,
      resourceId: this.#job.resource_id ?? undefined,
      actor: this.#actor,
      input: this.#input,
      done: this.#done,
      signal,
      stepId: row.id,
      attempt: row.attempt,
      log: line => this.#log.line(row.name, line),
      progress: fraction => this.#log.progress(row.name, fraction),
    })
  }

  #resolve(row: StepRow): ResolvedStep {
    const step = this.parts.types.step(this.type, row)
    if (!step) throw JobOutdated({ type: this.#job.type, step: row.name })
    return step
  }

  #throwIfStopped(): void {
    if (this.#interruption.reason) throw new Interrupted(this.#interruption.reason)
  }

  #stored(error: unknown, step = ''): StoredProblem {
    const detail = this.#log.clean(error instanceof Error ? error.message : String(error))
    const problem = error instanceof Problem ? error : StepFailed({ step, detail })
    return { code: problem.code, params: this.#log.cleanAll(problem.params) }
  }

  #publishState(state: JobState, problem?: StoredProblem): void {
    this.parts.events.publish(this.#job.id, { kind: 'state', state, ...(problem ? { problem } : {}) })
  }

  #publishStep({ name, state, attempt }: StepRow): void {
    this.parts.events.publish(this.#job.id, { kind: 'step', step: name, state, attempt })
  }

  #timeoutMs(): number {
    return this.type.timeoutMs
  }

  #now(): string {
    return this.parts.clock.now().toISOString()
  }
}

/** Errors that end the run here instead of turning it back. */
function leaves(error: unknown): boolean {
  if (error instanceof LeaseLost || error instanceof Stuck) return true
  return error instanceof Interrupted && (error.reason === 'drain' || error.reason === 'lost')
}

/** A refusal that would be the same the next time. */
function isFinal(error: unknown): boolean {
  return error instanceof Problem && error.status < 500
}

function brokerWentAway(error: unknown): boolean {
  return BrokerUnavailable.is(error) || ChangeRecovered.is(error)
}
