export interface StreamEvents {
  /** @param id of the event, for going on after it */
  event(topic: string, data: unknown, id: string): void
  /** Where the stream stands although nothing happened. */
  position(id: string): void
  /** The panel does not keep all that happened since. */
  missed(): void
  connected(connected: boolean): void
  /** The panel answers, but not with a stream. */
  refused(): void
}

/** The browser's connection for live data (`GET /api/v1/events`). One that breaks is opened again by the browser itself. */
export class LiveStream {
  #source: EventSource | undefined
  #topics = ''

  constructor(private readonly on: StreamEvents) {}

  /**
   * Opens, or opens again with other topics; does nothing when these are being listened to.
   *
   * @param after id of the last event known; what happened since comes first
   */
  connect(topics: readonly string[], after: string | undefined): void {
    const key = topics.join()
    if (key === this.#topics && this.#source && this.#source.readyState !== EventSource.CLOSED) return
    this.#source?.close()
    this.#source = undefined
    this.#topics = key
    if (!key) return
    const source = new EventSource(`/api/v1/events?${new URLSearchParams({ topics: key, ...(after && { after }) })}`)
    this.#source = source
    source.onopen = () => this.on.connected(true)
    source.onerror = () => {
      // Closed for good: an answer that is no stream, which the browser does not ask for again.
      if (source.readyState === EventSource.CLOSED) this.on.refused()
      else this.on.connected(false)
    }
    source.addEventListener('ready', ({ lastEventId }) => this.on.position(lastEventId))
    source.addEventListener('reset', () => this.on.missed())
    for (const topic of topics)
      source.addEventListener(topic, ({ data, lastEventId }: MessageEvent<string>) =>
        this.on.event(topic, JSON.parse(data), lastEventId),
      )
  }
}
