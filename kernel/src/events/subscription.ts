import { type EventToken, newId } from '@nusantara/sdk'
import type { Outbox } from './outbox.js'

export type EventHandler = (payload: unknown, meta: { readonly id: string; readonly at: string }) => Promise<void>
export type EventBlame = (event: string, error: unknown, attempt: number) => void

const page = 100

export interface SubscriptionTimes {
  /** Milliseconds before the first further try; doubles with each. */
  readonly retry: number
  readonly retryMax: number
  /** Milliseconds between looks for events whose commit was not noticed. */
  readonly poll: number
  /** Milliseconds until it asks again for its turn, while another process reads for the plugin. */
  readonly turn: number
  /** Milliseconds after which it asks for its place again, while a handler takes long. */
  readonly renew: number
}

/**
 * One running plugin's way through the outbox: in order, one event at a time, each until every handler of it has succeeded.
 * A failing handler holds up its own plugin alone and is tried again, ever more rarely.
 */
export class Subscription {
  readonly #handlers = new Map<string, EventHandler[]>()
  readonly #stopListening: () => void
  readonly #holder = newId()
  #timer: NodeJS.Timeout | undefined
  #pumping: Promise<void> | undefined
  #again = false
  #stopped = false
  /** Another process has the place. */
  #lost = false
  #attempt = 0

  constructor(
    private readonly outbox: Outbox,
    private readonly plugin: string,
    private readonly blame: EventBlame,
    private readonly times: SubscriptionTimes,
  ) {
    this.#stopListening = outbox.onWritten(() => {
      if (this.#attempt === 0) this.wake()
    })
  }

  on<T>(event: EventToken<T>, handler: EventHandler): void {
    this.#handlers.set(event.name, [...(this.#handlers.get(event.name) ?? []), handler])
  }

  /** Reads what there is. Called once after the plugin has started, so that all its handlers are there. */
  wake(): void {
    if (this.#stopped || this.#handlers.size === 0) return
    this.#again = true
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = undefined
    })
  }

  /** Lets the handler that runs now finish, and starts no other. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#stopListening()
    await this.#pumping
  }

  async #pump(): Promise<void> {
    clearTimeout(this.#timer)
    let wait = this.times.poll
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false
        if (!(await this.#catchUp())) wait = this.times.turn
      }
      this.#attempt = 0
    } catch {
      wait = Math.min(this.times.retry * 2 ** (this.#attempt - 1), this.times.retryMax)
    }
    if (!this.#stopped) this.#timer = setTimeout(() => this.wake(), wait).unref()
  }

  /** False while it is another process's turn. */
  async #catchUp(): Promise<boolean> {
    const read = await this.outbox.hold(this.plugin, this.#holder)
    if (read === undefined) return false
    this.#lost = false
    let renewal = Promise.resolve()
    const timer = setInterval(() => {
      renewal = renewal.then(() => this.#renew())
    }, this.times.renew).unref()
    try {
      await this.#deliverAfter(read)
      return !this.#lost
    } finally {
      clearInterval(timer)
      // One that arrived after the release would keep the place from everyone.
      await renewal
      await this.outbox.release(this.plugin, this.#holder).catch(() => undefined)
    }
  }

  /** A handler may take longer than its turn. While the store is away nobody else can have taken the place. */
  async #renew(): Promise<void> {
    try {
      if ((await this.outbox.hold(this.plugin, this.#holder)) === undefined) this.#lost = true
    } catch {}
  }

  async #deliverAfter(read: number): Promise<void> {
    let seq = read
    for (;;) {
      const entries = await this.outbox.read(seq, page)
      for (const entry of entries) {
        const handlers = this.#handlers.get(entry.event) ?? []
        for (const handler of handlers) {
          if (this.#lost) return
          await this.#deliver(handler, entry)
        }
        if (this.#stopped && handlers.length === 0) return
        seq = entry.seq
        if (handlers.length > 0) await this.outbox.advance(this.plugin, seq)
        if (this.#stopped || this.#lost) return
      }
      if (entries.length > 0) await this.outbox.advance(this.plugin, seq)
      if (entries.length < page) return
    }
  }

  async #deliver(handler: EventHandler, entry: { event: string; id: string; at: string; payload: string }) {
    try {
      await handler(JSON.parse(entry.payload), { id: entry.id, at: entry.at })
      this.#attempt = 0
    } catch (error) {
      this.#attempt++
      this.blame(entry.event, error, this.#attempt)
      const reason = error instanceof Error ? error.message : String(error)
      await this.outbox.failed(this.plugin, entry.event, reason).catch(() => undefined)
      throw error
    }
  }
}
