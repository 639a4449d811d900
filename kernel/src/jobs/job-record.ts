import { type Actor, type JobState, Problem } from '@nusantara/sdk'
import { StepFailed } from './errors.js'
import type { Interruption } from './interruption.js'
import { JobLog } from './job-log.js'
import type { JobRow, StepRow, StoredProblem } from './job-row.js'
import { type ClaimedJob, LeaseLost, type StepChange } from './job-store.js'
import type { RunParts } from './run-parts.js'
import { eraseSealed, openResult, sealResult, textsOf } from './secrets.js'

/**
 * What one claimed job is: its rows, its opened input and results, and what has happened to it but is not written yet.
 * That is written together with what comes next, and always before what it announces begins.
 */
export class JobRecord {
  readonly job: JobRow
  readonly steps: readonly StepRow[]
  readonly input: unknown
  /** Results of the steps so far, by name. */
  readonly done: Record<string, unknown> = {}
  readonly log: JobLog
  /** Whoever asked for the job; with the rights of now once they were looked up. */
  actor: Actor
  #unwritten: StepChange[] = []

  /** @throws SealBroken when the input was sealed under another key */
  constructor(
    private readonly parts: RunParts,
    { job, steps }: ClaimedJob,
    private readonly interruption: Interruption,
  ) {
    this.job = job
    this.steps = steps
    this.log = new JobLog(parts, job)
    const seal = parts.seal(job.id)
    const secret = job.sealed ? (JSON.parse(seal.open(job.sealed)) as object) : {}
    this.input = { ...(JSON.parse(job.input) as object), ...secret }
    this.log.hide(textsOf(secret))
    for (const row of steps) {
      if (row.result === null) continue
      this.done[row.name] = openResult(seal, row.result)
      this.log.hide(sealResult(seal, this.done[row.name]).secrets)
    }
    this.actor = parts.actors.parse(job.actor)
  }

  get unwritten(): readonly StepChange[] {
    return this.#unwritten
  }

  /** Writes that the step begins, with everything before it. */
  async begin(row: StepRow, state: 'running' | 'undoing'): Promise<void> {
    const fresh = state === 'running' ? { progress: null, progress_message: null } : {}
    this.change(row, { state, attempt: row.attempt + 1, started_at: row.started_at ?? this.#now(), ...fresh })
    await this.write()
    this.publishStep(row)
  }

  succeed(row: StepRow, result: unknown): void {
    const seal = this.parts.seal(this.job.id)
    const { json, secrets } = sealResult(seal, result)
    this.log.hide(secrets)
    // Later steps see what they would see after a restart.
    this.done[row.name] = openResult(seal, json)
    this.#end(row, { state: 'succeeded', result: json, problem: null })
    this.publishStep(row)
  }

  fail(row: StepRow, problem: StoredProblem): void {
    this.#end(row, { state: 'failed', problem: JSON.stringify(problem) })
  }

  undone(row: StepRow): void {
    this.#end(row, { state: 'undone' })
    this.publishStep(row)
  }

  change(row: StepRow, set: Partial<StepRow>): void {
    Object.assign(row, set)
    const earlier = this.#unwritten.find(change => change.id === row.id)
    this.#unwritten = [
      ...this.#unwritten.filter(change => change !== earlier),
      { id: row.id, set: { ...earlier?.set, ...set } },
    ]
  }

  /** @throws LeaseLost, Interrupted when the process is to end while the store is away */
  async write(set: Partial<JobRow> = {}): Promise<void> {
    await this.steady(() => this.parts.store.advance(this.job, this.#unwritten, set))
    this.#unwritten = []
    Object.assign(this.job, set)
  }

  /** A secret of a job that came to nothing is of no use to anybody. */
  eraseReveals(): void {
    for (const row of this.steps) {
      if (row.result?.includes('"$sealed"')) this.change(row, { result: eraseSealed(row.result) })
    }
  }

  /** Tries again while the store is away; what a Problem or a lost lease says is final. */
  async steady<T>(run: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures++) {
      try {
        return await run()
      } catch (error) {
        if (error instanceof LeaseLost || isFinal(error)) throw error
        this.parts.logger.warn({ err: error, job: this.job.id }, 'the state store failed; trying again')
        await this.pause(failures)
      }
    }
  }

  /** @throws Interrupted when the process is to end meanwhile */
  async pause(failures: number): Promise<void> {
    await this.parts.timers.sleep(this.parts.settings.backoff(failures), this.interruption.left)
    this.interruption.checkLeft()
  }

  /** The error as it may be kept: without secrets, and a Problem whatever was thrown. */
  stored(error: unknown, step = ''): StoredProblem {
    const detail = this.log.clean(messageOf(error))
    const problem = error instanceof Problem ? error : StepFailed({ step, detail })
    return { code: problem.code, params: this.log.cleanAll(problem.params) }
  }

  publishState(state: JobState, problem?: StoredProblem): void {
    this.parts.events.publish(this.job.id, { kind: 'state', state, ...(problem ? { problem } : {}) })
  }

  publishStep({ name, state, attempt }: StepRow): void {
    this.parts.events.publish(this.job.id, { kind: 'step', step: name, state, attempt })
  }

  /** What the step said of its progress last is written with its end. */
  #end(row: StepRow, set: Partial<StepRow>): void {
    const { progress, progress_message } = row
    this.change(row, { ...set, progress, progress_message, finished_at: this.#now() })
  }

  #now(): string {
    return this.parts.clock.now().toISOString()
  }
}

/** A refusal that would be the same the next time. */
export function isFinal(error: unknown): boolean {
  return error instanceof Problem && error.status < 500
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
