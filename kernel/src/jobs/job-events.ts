import type { FinishedJob, Logger } from '@nusantara/sdk'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { LOGGER } from '../config/token.js'
import { Live } from '../http/live.js'
import { State } from '../state/state.js'

/**
 * What others learn about jobs: the topics `job:<id>` and `resource:<type>:<id>` of the event stream, and who listens for
 * finished ones.
 */
@scoped(Lifecycle.ContainerScoped)
export class JobEvents {
  readonly #finished = new Set<(job: FinishedJob) => void | Promise<void>>()

  constructor(
    private readonly live: Live,
    private readonly state: State,
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

  /** Tells who looks at the resource that a job of it ended. Of one that is gone there is nothing to look at. */
  async resourceChanged(id: string): Promise<void> {
    try {
      const row: { type: string } | undefined = await this.state.knex('resources').where({ id }).first('type')
      if (row) this.live.publish(`resource:${row.type}:${id}`, {})
    } catch (error) {
      this.logger.warn({ err: error, resource: id }, 'who looks at a resource was not told that a job of it ended')
    }
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
