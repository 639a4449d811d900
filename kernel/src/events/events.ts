import type { Logger } from 'pino'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { LOGGER } from '../config/token.js'
import { Outbox } from './outbox.js'
import { Subscription } from './subscription.js'

/** Makes the subscriptions of plugins as they start. */
@scoped(Lifecycle.ContainerScoped)
export class Events {
  constructor(
    readonly outbox: Outbox,
    @inject(LOGGER) private readonly log: Logger,
  ) {}

  subscribe(plugin: string): Subscription {
    return new Subscription(
      this.outbox,
      plugin,
      (event, error, attempt) =>
        this.log.warn(
          { plugin, event, attempt, err: error },
          `plugin ${plugin} failed to take in event ${event}; it is tried again, and its later events wait`,
        ),
      { retry: 1_000, retryMax: 60_000, poll: 60_000, turn: 5_000, renew: 10_000 },
    )
  }
}
