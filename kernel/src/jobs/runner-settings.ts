import { Lifecycle, scoped } from 'tsyringe'

/** How the runner works; all durations in milliseconds. Tests register an instance with other values. */
@scoped(Lifecycle.ContainerScoped)
export class RunnerSettings {
  /**
   * Jobs running at once. Steps mostly wait for the broker, which batches what arrives together, so the bound is there
   * for memory and fairness, not for the processor.
   */
  parallelism = 128
  /** Jobs claimed in one transaction. */
  claimBatch = 32
  leaseMs = 30_000
  heartbeatMs = 10_000
  /** Looks for dead leases and, as a safety net, for queued work. */
  sweepMs = 10_000
  /** How long `stop` lets running steps finish before it aborts them. */
  drainMs = 10_000
  /** How long a step may take to end after it was told to. */
  graceMs = 30_000
  retryBaseMs = 1_000
  retryMaxMs = 60_000
  undoTries = 5
  /** A step that may be replayed is tried again this often while the broker is away, so that a restart of it harms no job. */
  brokerTries = 4
  /** A step during which the process died this often is not replayed any more. */
  maxReplays = 5
  /** Log lines and progress are written and published together, this often. */
  logFlushMs = 50
  /** A step's progress is kept with it this often while it runs. */
  progressMs = 1_000
  /** Bytes of a job's log, over all its attempts; what comes after is not kept. */
  logBytes = 4 * 1024 * 1024
  /** 0 to below 1. */
  random: () => number = Math.random

  /** Exponential with equal jitter: between half and all of base × 2^(n-1), at most the maximum. */
  backoff(failures: number): number {
    const full = Math.min(this.retryBaseMs * 2 ** (failures - 1), this.retryMaxMs)
    return full / 2 + (full / 2) * this.random()
  }
}
