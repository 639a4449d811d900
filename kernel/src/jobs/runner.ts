import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Logger, Problem, systemActor } from '@nusantara/sdk'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { LOGGER } from '../config/token.js'
import { Peers } from '../peers/peers.js'
import { Clock } from '../state/clock.js'
import { StepFailed } from './errors.js'
import { Extensions } from './extensions.js'
import { JobRun } from './job-run.js'
import { type ClaimedJob, JobStore } from './job-store.js'
import { JobTypes } from './job-types.js'
import { Reveals } from './reveals.js'
import { RunParts } from './run-parts.js'
import { RunnerSettings } from './runner-settings.js'
import { Timers } from './timers.js'

/**
 * Takes queued jobs and runs them side by side. It is woken when a job is queued, here or (PostgreSQL) in another
 * process, when one ends, and when a deferred one is due; at rest only the lease sweep is left.
 */
@scoped(Lifecycle.ContainerScoped)
export class Runner {
  readonly #active = new Map<string, { readonly run: JobRun; readonly ended: Promise<void> }>()
  /** Queued jobs whose steps nobody defines now. */
  readonly #waiting = new Set<string>()
  readonly #disposers: (() => void)[] = []
  #state: 'stopped' | 'running' | 'draining' = 'stopped'
  #wanted = false
  #claiming: Promise<void> | undefined
  readonly #sweeping = new Set<Promise<void>>()
  #cancelDue: (() => void) | undefined
  #leavePeers: (() => Promise<void>) | undefined

  constructor(
    private readonly peers: Peers,
    private readonly store: JobStore,
    private readonly types: JobTypes,
    private readonly extensions: Extensions,
    private readonly parts: RunParts,
    private readonly reveals: Reveals,
    private readonly clock: Clock,
    private readonly timers: Timers,
    private readonly settings: RunnerSettings,
    @inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Jobs running here now. */
  get active(): number {
    return this.#active.size
  }

  /** What is not finished, see {@link JobStore.unfinished}. The question stays the same after the plugins have stopped. */
  unfinished(): () => ReturnType<JobStore['unfinished']> {
    const types = this.types.names()
    const waiting = [...this.#waiting]
    return () => this.store.unfinished(types, waiting, this.clock.now())
  }

  /** Recovers what a dead process left, then runs. */
  async start(): Promise<void> {
    this.#state = 'running'
    this.#disposers.push(
      this.peers.on<string>('jobs', jobId => this.#told(jobId)),
      this.peers.onGap(() => this.wake()),
      this.extensions.onAdded(() => this.reconsider()),
    )
    this.#leavePeers = await this.peers.join()
    await this.store.recover([], true)
    this.#every(this.settings.heartbeatMs, () => this.#heartbeat())
    this.#every(this.settings.sweepMs, () => this.#sweep())
    this.wake()
  }

  /**
   * Takes no more jobs, lets running steps finish for the drain time, then tells them to stop. What has not ended
   * after the grace keeps its lease until it runs out, and is recovered by the next start.
   */
  async stop(): Promise<void> {
    if (this.#state !== 'running') return
    this.#state = 'draining'
    this.#cancelDue?.()
    for (const { run } of this.#active.values()) run.drain()
    await this.#claiming
    const runs = [...this.#active.values()]
    for (const { run } of runs) run.drain()
    await this.#ended(runs, this.settings.drainMs)
    for (const { run } of this.#active.values()) run.drain(true)
    await this.#ended([...this.#active.values()], this.settings.graceMs + 1000)
    for (const dispose of this.#disposers.splice(0)) dispose()
    await Promise.all(this.#sweeping)
    await this.#leavePeers?.()
    this.#state = 'stopped'
  }

  /** Looks for work soon. Cheap: many wakes make one look. */
  wake(): void {
    if (this.#state !== 'running') return
    this.#wanted = true
    this.#claiming ??= this.#claimAll().finally(() => {
      this.#claiming = undefined
      if (this.#wanted) this.wake()
    })
  }

  /** Looks again at jobs that waited for a definition. */
  reconsider(): void {
    this.#waiting.clear()
    this.wake()
  }

  /** Tells a job that runs here to stop; false when it runs elsewhere or not at all. */
  cancel(jobId: string): boolean {
    const active = this.#active.get(jobId)
    active?.run.cancel()
    return active !== undefined
  }

  /** Stops the jobs that run code of this owner at their next step boundary and waits for them. */
  async drain(owner: string): Promise<void> {
    const runs = [...this.#active.values()].filter(({ run }) => run.owners.has(owner))
    for (const { run } of runs) run.drain()
    await this.#ended(runs, this.settings.drainMs)
    for (const { run } of runs) run.drain(true)
    await this.#ended(runs, this.settings.graceMs + 1000)
  }

  async #claimAll(): Promise<void> {
    try {
      while (this.#wanted && this.#state === 'running') {
        this.#wanted = false
        const free = Math.min(this.settings.parallelism - this.#active.size, this.settings.claimBatch)
        if (free <= 0) return
        const now = this.clock.now()
        const claimed = await this.store.claim(this.types.names(), free, [...this.#waiting], now)
        for (const job of claimed) {
          // A stop may have come while the store was asked: what it gave goes back untouched.
          if (this.#state === 'running') await this.#begin(job)
          else await this.store.unclaim(job.job)
        }
        if (claimed.length > 0) this.#wanted = true
        else await this.#armDue(now)
        // Requests get their turn between two batches.
        await nextTurn()
      }
    } catch (error) {
      this.logger.error({ err: error }, 'jobs could not be claimed; the sweep tries again')
    }
  }

  async #begin(claimed: ClaimedJob): Promise<void> {
    const { job, steps } = claimed
    const type = this.types.get(job.type)
    if (!type || !this.types.canRun(job, steps)) {
      this.#waiting.add(job.id)
      await this.store.unclaim(job)
      return
    }
    try {
      const run = new JobRun(this.parts, claimed, type)
      const ended = run.execute().finally(() => {
        this.#active.delete(job.id)
        this.wake()
      })
      this.#active.set(job.id, { run, ended })
    } catch (error) {
      // Its sealed input does not open, so nobody can run it: say so rather than try for ever.
      this.logger.error({ err: error, job: job.id }, 'a job could not be read')
      const { code, params } = error instanceof Problem ? error : StepFailed({ step: '', detail: String(error) })
      const result = { state: 'unknown' as const, problem: { code, params }, reveals: 0, keepSecrets: true }
      await this.store.settle(job, [], result, trx =>
        this.parts.audit.append(trx, {
          actor: systemActor('kernel'),
          action: 'jobs.finished',
          target: job.resource_id ?? undefined,
          params: { job: job.id, operation: job.operation, state: 'unknown', problem: code },
          outcome: 'failure',
        }),
      )
    }
  }

  /** @param asked as of when nothing was due; what became due since must not be missed */
  async #armDue(asked: Date): Promise<void> {
    this.#cancelDue?.()
    this.#cancelDue = undefined
    const due = await this.store.nextDue(this.types.names(), asked)
    if (due === undefined || this.#state !== 'running') return
    this.#cancelDue = this.timers.after(due - this.clock.now().getTime(), () => this.wake())
  }

  async #heartbeat(): Promise<void> {
    const ids = [...this.#active.keys()]
    if (!ids.length) return
    const { held, cancelled } = await this.store.heartbeat(ids)
    for (const id of ids) {
      const active = this.#active.get(id)
      if (!held.has(id)) active?.run.lose()
      else if (cancelled.has(id)) active?.run.cancel()
    }
  }

  async #sweep(): Promise<void> {
    // What is being claimed is this runner's and not active yet.
    const lost = this.#claiming === undefined
    const recovered = await this.store.recover([...this.#active.keys()], lost)
    if (recovered) this.logger.warn({ jobs: recovered }, 'jobs of a dead runner are queued again')
    await this.reveals.expire()
    this.wake()
  }

  /** Another process queued a job, or wants one that runs here to stop. */
  #told(jobId: string): void {
    if (!this.#active.has(jobId)) this.wake()
    else this.#heartbeat().catch(err => this.logger.warn({ err, job: jobId }, 'a job could not be looked after'))
  }

  /** Repeats without overlap until the runner stops. */
  #every(ms: number, run: () => Promise<void>): void {
    let stopped = false
    let cancel = () => {}
    const arm = () => {
      cancel = this.timers.after(ms, async () => {
        const sweep = run().catch(error => this.logger.error({ err: error }, 'the job runner could not sweep'))
        this.#sweeping.add(sweep)
        await sweep
        this.#sweeping.delete(sweep)
        if (!stopped) arm()
      })
    }
    arm()
    this.#disposers.push(() => {
      stopped = true
      cancel()
    })
  }

  async #ended(runs: readonly { readonly ended: Promise<void> }[], ms: number): Promise<void> {
    if (!runs.length) return
    const limit = new AbortController()
    await Promise.race([Promise.all(runs.map(run => run.ended)), this.timers.sleep(ms, limit.signal)])
    limit.abort()
  }
}
