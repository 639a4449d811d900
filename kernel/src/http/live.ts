import { randomBytes } from 'node:crypto'
import { Lifecycle, scoped } from 'tsyringe'

export interface LiveEvent {
  /** `<start of the server>-<number>`; what a browser sends back as Last-Event-ID. */
  readonly id: string
  readonly topic: string
  /** JSON text. */
  readonly data: string
}

/** Gets every event at once; filters by topic itself and must not block. */
export type LiveListener = (event: LiveEvent) => void
/** Gets what was published in this process. @param data JSON text */
export type LiveRelayed = (topic: string, data: string) => void

const kept = 1024

/**
 * What happens now, for everyone who listens. The last 1,024 events are kept, so that a browser whose connection broke
 * for a moment misses nothing. Nothing here is durable: what must not be lost belongs in a row or the outbox.
 */
@scoped(Lifecycle.ContainerScoped)
export class Live {
  #epoch = newEpoch()
  #ring: LiveEvent[] = []
  readonly #listeners = new Set<LiveListener>()
  readonly #relays = new Set<LiveRelayed>()
  readonly #gapListeners = new Set<() => void>()
  #last = 0

  /**
   * Sends to everyone who listens on the topic and may. A listener of an exact topic such as `notifications` also gets what is
   * published for its user alone, at `notifications:<user id>`.
   *
   * @param data JSON
   */
  publish(topic: string, data: unknown): void {
    const text = JSON.stringify(data) ?? 'null'
    this.receive(topic, text)
    for (const relay of this.#relays) relay(topic, text)
  }

  /** Takes in what another process published. @param data JSON text */
  receive(topic: string, data: string): void {
    const event = { id: `${this.#epoch}-${++this.#last}`, topic, data }
    this.#ring[this.#last % kept] = event
    for (const listener of this.#listeners) listener(event)
  }

  /** Events may be missing from here on: nothing before can be resumed, and whoever listens is told. */
  interrupted(): void {
    this.#epoch = newEpoch()
    this.#ring = []
    this.#last = 0
    for (const listener of this.#gapListeners) listener()
  }

  onGap(listener: () => void): () => void {
    this.#gapListeners.add(listener)
    return () => this.#gapListeners.delete(listener)
  }

  /** Called with what is published here, not with what is received. */
  relay(relay: LiveRelayed): () => void {
    this.#relays.add(relay)
    return () => this.#relays.delete(relay)
  }

  listen(listener: LiveListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Id of the newest event, where a new listener starts. */
  get position(): string {
    return `${this.#epoch}-${this.#last}`
  }

  get listeners(): number {
    return this.#listeners.size
  }

  /**
   * The events after `id`, oldest first.
   *
   * @returns undefined when they are not all kept any more, or `id` is of another start of the server
   */
  since(id: string): readonly LiveEvent[] | undefined {
    const [epoch, number] = id.split('-')
    const from = Number(number)
    if (epoch !== this.#epoch || !Number.isSafeInteger(from) || from > this.#last || from < this.#last - kept)
      return undefined
    return Array.from({ length: this.#last - from }, (_, index) => this.#ring[(from + index + 1) % kept] as LiveEvent)
  }
}

function newEpoch(): string {
  return randomBytes(6).toString('hex')
}
