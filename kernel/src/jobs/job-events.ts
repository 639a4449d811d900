import type { FinishedJob, Logger } from '@nusantara/sdk'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { LOGGER } from '../config/token.js'
import { Live } from '../http/live.js'

/** What others learn about jobs: the topic `job:<id>` of the event stream, and who listens for finished ones. */
@scoped(Lifecycle.ContainerScoped)
export class JobEvents {
  readonly #finished = new Set<(job: FinishedJob) => void | Promise<void>>()

  constructor(
    private readonly live: Live,
    @inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Called after the transaction that made a job terminal. */
  onFinished(listener: (job: FinishedJob) => void | Promise<void>): () => void {
    this.#finished.add(listener)
    return () => this.#finished.delete(listener)
  }

  /** `kind` is `state`, `step`, `progress` or `log`. */
  publish(jobId: string, event: { readonly kind: string } & Readonly<Record<string, unknown>>): void {
    this.live.publish(`job:${jobId}`, event)
  }

  async finished(job: FinishedJob): Promise<void> {
    for (const listener of this.#finished) {
      try {
        await listener(job)
      } catch (error) {
        this.logger.error({ err: error, job: job.id }, 'a listener for finished jobs failed')
      }
    }
  }
}
