import { type Knex, type Logger, newId } from '@nusantara/sdk'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { LOGGER } from '../config/token.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { PeerConnection } from './peer-connection.js'

/** One message as it travels: what it is about, and its content. */
type Message = readonly [kind: string, body: unknown]

/** What one notification carries: the messages themselves, or where they are kept. */
interface Letter {
  readonly from: string
  readonly messages?: readonly Message[]
  /** Id of a row of `peer_letters`. */
  readonly kept?: string
  /** The sender could not send everything before this. */
  readonly gap?: true
}

const channel = 'nusa_peers'
/** PostgreSQL takes less than 8,000 bytes (sql-notify). */
const mostBytes = 7_900
/** What waits while the store is away; more is given up, and said so. */
const mostWaiting = 2_000
const retryMs = 1_000
const mostFailures = 5
const keptMs = 60_000

/**
 * What the other processes of one state must hear at once: that a job is queued, that a plugin was switched, what happens
 * live. Nothing here is durable; whoever listens is told of a gap and looks for itself. An embedded store has one process:
 * there nothing is sent and nothing is opened.
 */
@scoped(Lifecycle.ContainerScoped)
export class Peers {
  readonly #id = newId()
  readonly #listeners = new Map<string, Set<(body: never) => void>>()
  readonly #gapListeners = new Set<() => void>()
  readonly #connection: PeerConnection
  #members = 0
  #opening: Promise<void> | undefined
  #waiting: Message[] = []
  #gap = false
  #sending: Promise<void> | undefined
  #reading = Promise.resolve()

  constructor(
    private readonly state: State,
    private readonly clock: Clock,
    @inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#connection = new PeerConnection(state.knex, channel, logger, {
      letter: text => this.#receive(text),
      resumed: () => this.#tellGap(),
    })
  }

  /** True when other processes may share the state. */
  get shared(): boolean {
    return this.state.dialect === 'postgres'
  }

  /** Listens from now on, and until everyone who joined has left. */
  async join(): Promise<() => Promise<void>> {
    if (!this.shared) return async () => undefined
    if (this.#members++ === 0) this.#opening = this.#connection.open()
    await this.#opening
    let left = false
    return async () => {
      if (left) return
      left = true
      if (--this.#members > 0) return
      // What can be sent is sent; a store that is away holds nobody up.
      await Promise.race([this.#sending, new Promise(resolve => setTimeout(resolve, retryMs).unref())])
      await this.#connection.close()
    }
  }

  /** Called with each message of a kind from another process. */
  on<T>(kind: string, listener: (body: T) => void): () => void {
    const listeners = this.#listeners.get(kind) ?? new Set()
    this.#listeners.set(kind, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  /** Called when messages may have been missed. */
  onGap(listener: () => void): () => void {
    this.#gapListeners.add(listener)
    return () => this.#gapListeners.delete(listener)
  }

  /** Sends soon, in the order of the calls; what comes while one letter is on its way goes with the next. */
  tell(kind: string, body: unknown): void {
    if (!this.shared) return
    if (this.#waiting.length < mostWaiting) this.#waiting.push([kind, body])
    else this.#gap = true
    this.#start()
  }

  /** Sends when the transaction commits. @param body a few words */
  async tellWith(trx: Knex.Transaction, kind: string, body: unknown): Promise<void> {
    if (!this.shared) return
    const letter: Letter = { from: this.#id, messages: [[kind, body]] }
    await trx.raw('select pg_notify(?, ?)', [channel, JSON.stringify(letter)])
  }

  #start(): void {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined
      // What came after the last look; what was given up does not wait any more.
      if (this.#waiting.length > 0) this.#start()
    })
  }

  async #sendAll(): Promise<void> {
    for (let failures = 0; this.#waiting.length > 0 && failures < (this.#members > 0 ? mostFailures : 1); ) {
      const messages = this.#waiting
      const gap = this.#gap
      this.#waiting = []
      this.#gap = false
      try {
        await this.#send({ from: this.#id, messages, ...(gap ? { gap: true } : {}) })
        failures = 0
      } catch (err) {
        this.logger.warn({ err, messages: messages.length }, 'other processes could not be told; trying again')
        const waiting = [...messages, ...this.#waiting]
        this.#waiting = waiting.slice(0, mostWaiting)
        if (gap || waiting.length > mostWaiting) this.#gap = true
        failures++
        await new Promise(resolve => setTimeout(resolve, retryMs).unref())
      }
    }
    // Whoever could not be told looks for itself, when the next letter arrives or its connection is back.
    if (this.#waiting.splice(0).length > 0) this.#gap = true
  }

  async #send(letter: Letter): Promise<void> {
    const text = JSON.stringify(letter)
    if (Buffer.byteLength(text) <= mostBytes) {
      await this.state.knex.raw('select pg_notify(?, ?)', [channel, text])
      return
    }
    const id = newId()
    const now = this.clock.now()
    await this.state.transaction(async trx => {
      await trx('peer_letters')
        .where('at', '<', new Date(now.getTime() - keptMs).toISOString())
        .delete()
      await trx('peer_letters').insert({ id, body: text, at: now.toISOString() })
      await trx.raw('select pg_notify(?, ?)', [channel, JSON.stringify({ from: this.#id, kept: id })])
    })
  }

  #receive(text: string): void {
    const letter = JSON.parse(text) as Letter
    if (letter.from === this.#id) return
    // One after another, because the order counts and some have to be fetched.
    this.#reading = this.#reading.then(() => this.#read(letter))
  }

  async #read({ messages, kept, gap }: Letter): Promise<void> {
    if (kept !== undefined) {
      const whole = await this.#fetch(kept)
      return whole ? this.#read(whole) : this.#tellGap()
    }
    if (gap) this.#tellGap()
    for (const [kind, body] of messages ?? []) {
      for (const listener of this.#listeners.get(kind) ?? []) this.#guarded(() => listener(body as never))
    }
  }

  async #fetch(id: string): Promise<Letter | undefined> {
    try {
      const row: { body: string } | undefined = await this.state.knex('peer_letters').where({ id }).first('body')
      return row && (JSON.parse(row.body) as Letter)
    } catch (err) {
      this.logger.warn({ err }, 'a message of another process could not be fetched')
      return undefined
    }
  }

  #tellGap(): void {
    for (const listener of this.#gapListeners) this.#guarded(listener)
  }

  #guarded(run: () => void): void {
    try {
      run()
    } catch (err) {
      this.logger.error({ err }, 'a message of another process could not be taken in')
    }
  }
}
