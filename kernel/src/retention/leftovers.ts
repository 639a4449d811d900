import { Lifecycle, scoped } from 'tsyringe'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'

const minuteMs = 60_000

/** Rows that serve for a moment and are left behind when nobody comes for them. */
@scoped(Lifecycle.ContainerScoped)
export class Leftovers {
  constructor(
    private readonly state: State,
    private readonly clock: Clock,
  ) {}

  async prune(): Promise<void> {
    const now = this.clock.now()
    const { knex } = this.state
    await knex('rate_limits').where('expire', '<', now.getTime()).delete()
    await knex('tickets').where('expires_at', '<', now.toISOString()).delete()
    await knex('peer_letters')
      .where('at', '<', new Date(now.getTime() - minuteMs).toISOString())
      .delete()
  }
}
