import { Problem } from '@nusantara/sdk/problem'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { BrokerUnavailable, problemFromWire } from '../broker/errors.js'
import { type ErrorData, type Method, type Methods, requestsInFlight } from '../broker/protocol.js'
import type { Config } from '../config/config.js'
import { CONFIG } from '../config/token.js'
import { type Message, Wire } from './wire.js'

/** A connection without calls is given up after this long, so that a broker that nobody needs can leave. */
const restMs = 5_000

/** Below the broker's limit, because a cancelled call is over here before it is over there. */
const requestsAtOnce = requestsInFlight - 128

export interface OutputChunk {
  readonly channel: 'stdout' | 'stderr'
  readonly data: Uint8Array
}

export interface CallOptions {
  /** Aborting cancels at the broker what can be left, and rejects with the signal's reason at once. */
  readonly signal?: AbortSignal
  /** Receives streamed output in order. */
  readonly onOutput?: (chunk: OutputChunk) => void
  /** Over a connection of its own, opened for this call: what `change.confirm` asks for. */
  readonly fresh?: boolean
}

interface Pending {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
  readonly onOutput?: (chunk: OutputChunk) => void
}

/**
 * The panel's connection to the broker: one socket, many calls at once. It connects with the first call, lets go when there
 * was none for a while, and connects again with the next, as after the broker went away; a call that was under way then fails with `broker_unavailable`, because only its caller knows
 * whether asking again is right (changes are idempotent by their id and attempt).
 */
@scoped(Lifecycle.ContainerScoped)
export class BrokerClient {
  readonly #pending = new Map<number, Pending>()
  #wire: Promise<Wire> | undefined
  #nextId = 0
  #underWay = 0
  readonly #waiting: (() => void)[] = []
  #closed = false
  #rest: NodeJS.Timeout | undefined

  constructor(@inject(CONFIG) private readonly config: Pick<Config, 'brokerSocket'>) {}

  /**
   * Calls a method of the broker.
   *
   * @throws Problem with the broker's code and parameters; `broker_unavailable` when it cannot be reached; the signal's
   *   reason when aborted
   */
  async call<M extends Method>(
    method: M,
    params: Methods[M]['params'],
    options: CallOptions = {},
  ): Promise<Methods[M]['result']> {
    options.signal?.throwIfAborted()
    if (options.fresh) return this.#overNewConnection(method, params, options)
    await this.#turn()
    try {
      return await this.#send(method, params, options)
    } finally {
      this.#underWay--
      this.#waiting.shift()?.()
      if (!this.#underWay) this.#restLater()
    }
  }

  async #overNewConnection<M extends Method>(
    method: M,
    params: Methods[M]['params'],
    { fresh: _, ...options }: CallOptions,
  ): Promise<Methods[M]['result']> {
    if (this.#closed) throw BrokerUnavailable({ socket: this.config.brokerSocket })
    const client = new BrokerClient(this.config)
    try {
      return await client.call(method, params, options)
    } finally {
      await client.close()
    }
  }

  /** Resolves when one more request may be under way. First come, first served. */
  async #turn(): Promise<void> {
    while (this.#underWay >= requestsAtOnce) {
      await new Promise<void>(resolve => {
        this.#waiting.push(resolve)
      })
    }
    this.#underWay++
  }

  async #send<M extends Method>(
    method: M,
    params: Methods[M]['params'],
    options: CallOptions,
  ): Promise<Methods[M]['result']> {
    const wire = await this.#connected()
    options.signal?.throwIfAborted()
    const id = ++this.#nextId
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#pending.delete(id)
        wire.send({ jsonrpc: '2.0', method: 'cancel', params: { request: id } })
        reject(options.signal?.reason)
      }
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          options.signal?.removeEventListener('abort', abort)
          this.#pending.delete(id)
          then(value)
        }
      this.#pending.set(id, {
        resolve: settle<unknown>(result => resolve(result as Methods[M]['result'])),
        reject: settle<unknown>(reject),
        ...(options.onOutput && { onOutput: options.onOutput }),
      })
      options.signal?.addEventListener('abort', abort, { once: true })
      wire.send({ jsonrpc: '2.0', id, method, params })
    })
  }

  /** Ends the connection; calls under way fail. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#rest)
    const wire = await this.#wire?.catch(() => undefined)
    wire?.close()
  }

  async #connected(): Promise<Wire> {
    if (this.#closed) throw BrokerUnavailable({ socket: this.config.brokerSocket })
    clearTimeout(this.#rest)
    this.#wire ??= this.#connect()
    const wire = this.#wire
    try {
      return await wire
    } catch (cause) {
      if (this.#wire === wire) this.#wire = undefined
      throw BrokerUnavailable({ socket: this.config.brokerSocket }, { cause })
    }
  }

  #connect(): Promise<Wire> {
    const wire = Wire.connect(this.config.brokerSocket, {
      message: message => this.#received(message),
      closed: () => this.#lost(wire),
    })
    return wire
  }

  #restLater(): void {
    clearTimeout(this.#rest)
    this.#rest = setTimeout(() => {
      const wire = this.#wire
      this.#wire = undefined
      wire?.then(
        connected => connected.close(),
        () => {},
      )
    }, restMs).unref()
  }

  #received(message: Message): void {
    if (message.method === 'output') {
      const { request, channel, data } = message.params as {
        request: number
        channel: 'stdout' | 'stderr'
        data: string
      }
      this.#pending.get(request)?.onOutput?.({ channel, data: Buffer.from(data, 'base64') })
      return
    }
    const pending = typeof message.id === 'number' ? this.#pending.get(message.id) : undefined
    if (!pending) return
    if (message.error) pending.reject(problemOf(message.error))
    else pending.resolve(message.result)
  }

  #lost(wire: Promise<Wire>): void {
    // Let go of before, with nothing under way.
    if (this.#wire !== wire) return
    this.#wire = undefined
    const problem = BrokerUnavailable({ socket: this.config.brokerSocket })
    for (const pending of [...this.#pending.values()]) pending.reject(problem)
  }
}

function problemOf({ code, message, data }: { code: number; message: string; data?: ErrorData }): Problem {
  return data ? problemFromWire(data.code, data.params) : new Problem('broker_protocol', 500, { code, message })
}
