import { Lifecycle, scoped } from 'tsyringe'
import { Peers } from '../peers/peers.js'
import { Live } from './live.js'

/**
 * Lets everyone who listens hear what happens in any process of one state: a job that runs elsewhere is followed here. With
 * an embedded store there is no other process, and nothing is relayed.
 */
@scoped(Lifecycle.ContainerScoped)
export class LiveRelay {
  readonly #ends: (() => unknown)[] = []

  constructor(
    private readonly live: Live,
    private readonly peers: Peers,
  ) {}

  async start(): Promise<void> {
    const { live, peers } = this
    if (!peers.shared) return
    this.#ends.push(
      live.relay((topic, data) => peers.tell('live', [topic, data])),
      peers.on<readonly [string, string]>('live', ([topic, data]) => live.receive(topic, data)),
      peers.onGap(() => live.interrupted()),
      await peers.join(),
    )
  }

  async stop(): Promise<void> {
    for (const end of this.#ends.splice(0)) await end()
  }
}
