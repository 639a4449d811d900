import type { Live, LiveEvent } from './live.js'

export interface EventStreamOptions {
  /** Topic as published → topic as the client named it. */
  readonly topics: ReadonlyMap<string, string>
  /** Ends the stream cleanly: the client went away, or the server stops. */
  readonly signal: AbortSignal
  /** Id of the last event the client saw. */
  readonly lastEventId?: string
  /** Named when it opens, so that a page knows what it will not get. */
  readonly refused: readonly string[]
  /** Whether the client may still listen; asked before events at most once a second, and with every heartbeat. */
  stillAllowed(): Promise<boolean>
  /** Cuts the connection of a client that does not read. */
  cut(): void
  readonly heartbeatMs?: number
}

const heartbeatMs = 15_000
const checkMs = 1000
const mostQueued = 512
const mostQueuedCharacters = 1_048_576

/**
 * One client's view of what happens, as text/event-stream (HTML Standard §9.2). Opens with the event `ready`, or `reset` after it
 * when events were missed that are not kept any more.
 */
export class EventStream implements AsyncIterable<string> {
  readonly #queue: LiveEvent[] = []
  #characters = 0
  #wake: () => void = () => undefined
  #checkedAt = performance.now()
  #gap = false

  constructor(
    private readonly live: Live,
    private readonly options: EventStreamOptions,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    const { signal, lastEventId } = this.options
    const wake = () => this.#wake()
    const missed = lastEventId === undefined ? [] : this.live.since(lastEventId)
    const position = this.live.position
    const stop = this.live.listen(event => this.#push(event))
    const stopGap = this.live.onGap(() => this.#onGap())
    signal.addEventListener('abort', wake)
    try {
      yield this.#opening(position, missed === undefined)
      for (const event of missed ?? []) yield this.#text(event)
      while (!signal.aborted) {
        if (!(await this.#mayGoOn())) return
        if (this.#gap) yield this.#reset()
        const event = this.#shift()
        if (event) yield this.#text(event)
        else if (!(await this.#wait()) && !signal.aborted) {
          this.#checkedAt = Number.NEGATIVE_INFINITY
          // Moves the client's Last-Event-ID past events of topics that it does not hear.
          yield `: \nid: ${this.live.position}\n\n`
        }
      }
    } finally {
      signal.removeEventListener('abort', wake)
      stop()
      stopGap()
    }
  }

  #opening(position: string, reset: boolean): string {
    const data = JSON.stringify({ topics: [...new Set(this.options.topics.values())], refused: this.options.refused })
    const ready = `retry: 2000\nevent: ready\nid: ${reset ? position : (this.options.lastEventId ?? position)}\ndata: ${data}\n\n`
    return reset ? `${ready}event: reset\ndata: {}\n\n` : ready
  }

  /** Events were missed in the middle of the stream: the page asks anew for what it shows. */
  #reset(): string {
    this.#gap = false
    return `id: ${this.live.position}\nevent: reset\ndata: {}\n\n`
  }

  #onGap(): void {
    this.#gap = true
    this.#wake()
  }

  #text({ id, topic, data }: LiveEvent): string {
    const shown = this.options.topics.get(topic)
    return shown === undefined ? '' : `id: ${id}\nevent: ${shown}\ndata: ${data}\n\n`
  }

  #push(event: LiveEvent): void {
    if (!this.options.topics.has(event.topic)) return
    this.#queue.push(event)
    this.#characters += event.data.length
    if (this.#queue.length > mostQueued || this.#characters > mostQueuedCharacters) this.options.cut()
    this.#wake()
  }

  #shift(): LiveEvent | undefined {
    const event = this.#queue.shift()
    if (event) this.#characters -= event.data.length
    return event
  }

  /** False after a heartbeat's time without an event. */
  async #wait(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const woken = await new Promise<boolean>(resolve => {
      this.#wake = () => resolve(true)
      timer = setTimeout(resolve, this.options.heartbeatMs ?? heartbeatMs, false)
      if (this.#queue.length > 0 || this.#gap || this.options.signal.aborted) resolve(true)
    })
    clearTimeout(timer)
    return woken
  }

  /** Asked when there is something to send, so that a revoked session learns nothing for longer than a second. */
  async #mayGoOn(): Promise<boolean> {
    const due = performance.now() - this.#checkedAt > checkMs
    if (!due || (this.#queue.length === 0 && this.#checkedAt !== Number.NEGATIVE_INFINITY)) return true
    const allowed = await this.options.stillAllowed()
    this.#checkedAt = performance.now()
    return allowed
  }
}
