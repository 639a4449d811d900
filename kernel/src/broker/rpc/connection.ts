import type { Socket } from 'node:net'
import { Busy } from '../errors.js'
import { requestsInFlight } from '../protocol.js'
import { Violation } from '../schema.js'
import { LineReader, parseLine } from './framing.js'
import { type Call, codes, type Rpc, type RpcError } from './rpc.js'

type Id = string | number

/** How long a begun line may stay unfinished. */
const partialLineMs = 30_000

/** One client: reads lines, runs requests side by side, answers each when it is done. Nothing it sends ends the broker. */
export class Connection {
  readonly #reader = new LineReader()
  readonly #running = new Map<Id, AbortController>()
  #drained: Promise<void> | undefined
  #partial: NodeJS.Timeout | undefined
  readonly #ordinal: number

  constructor(
    private readonly socket: Socket,
    private readonly rpc: Rpc,
    private readonly admin: boolean,
    private readonly onIdle: () => void,
  ) {
    this.#ordinal = rpc.connected()
    socket.on('data', chunk => this.#read(chunk as Buffer))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#closed())
  }

  get busy(): boolean {
    return this.#running.size > 0
  }

  /** Takes no more requests; what runs is answered first. */
  finish(): void {
    this.socket.pause()
    if (!this.busy) this.socket.end(() => this.socket.destroy())
  }

  #read(chunk: Buffer): void {
    clearTimeout(this.#partial)
    try {
      for (const line of this.#reader.push(chunk)) this.#line(line)
    } catch (error) {
      this.#fail(null, { code: codes.request, message: (error as Error).message })
      this.socket.destroySoon()
      return
    }
    if (this.#reader.partial) {
      this.#partial = setTimeout(() => this.socket.destroy(), partialLineMs)
      this.#partial.unref()
    }
  }

  #line(line: Buffer): void {
    let message: unknown
    try {
      message = parseLine(line)
    } catch (error) {
      this.#fail(null, { code: codes.parse, message: (error as Error).message.slice(0, 200) })
      return
    }
    try {
      const { id, method, params } = request(message)
      if (id === undefined) this.#notified(method, params)
      else void this.#request(id, method, params)
    } catch (error) {
      this.#fail(idOf(message), { code: codes.request, message: (error as Error).message })
    }
  }

  async #request(id: Id, method: string, params: unknown): Promise<void> {
    if (this.#running.has(id))
      return this.#fail(id, { code: codes.request, message: 'a request with this id is under way' })
    if (this.#running.size >= requestsInFlight) {
      const { code, params: data } = Busy({ what: 'connection' })
      return this.#fail(id, {
        code: codes.problem,
        message: 'too many requests are under way',
        data: { code, params: data },
      })
    }
    const controller = new AbortController()
    this.#running.set(id, controller)
    let seq = 0
    const call: Call = {
      signal: controller.signal,
      connection: this.#ordinal,
      output: (channel, data) => {
        this.#send({
          jsonrpc: '2.0',
          method: 'output',
          params: { request: id, seq: ++seq, channel, data: Buffer.from(data).toString('base64') },
        })
        return this.#drained
      },
    }
    const answer = await this.rpc.dispatch(method, params, call, this.admin)
    this.#running.delete(id)
    this.#send({ jsonrpc: '2.0', id, ...answer })
    if (!this.busy) this.onIdle()
  }

  /** The only notification: `cancel {request}`. */
  #notified(method: string, params: unknown): void {
    if (method !== 'cancel' || typeof params !== 'object' || params === null) return
    const { request: id } = params as { request?: unknown }
    if (typeof id === 'string' || typeof id === 'number') this.#running.get(id)?.abort()
  }

  #fail(id: Id | null, error: RpcError): void {
    this.#send({ jsonrpc: '2.0', id, error })
  }

  #send(message: object): void {
    if (this.socket.destroyed || !this.socket.writable) return
    if (this.socket.write(`${JSON.stringify(message)}\n`) || this.#drained) return
    // A client that sends without reading is not read from either, until it reads.
    this.socket.pause()
    this.#drained = new Promise(resolve => {
      const done = () => {
        this.socket.off('drain', done).off('close', done)
        this.#drained = undefined
        this.socket.resume()
        resolve()
      }
      this.socket.on('drain', done).on('close', done)
    })
  }

  #closed(): void {
    clearTimeout(this.#partial)
    for (const controller of this.#running.values()) controller.abort()
    this.onIdle()
  }
}

function request(message: unknown): { id: Id | undefined; method: string; params: unknown } {
  if (typeof message !== 'object' || message === null || Array.isArray(message))
    throw new Violation('', 'must be one request object')
  const fields = message as Record<string, unknown>
  for (const key of Object.keys(fields))
    if (!['jsonrpc', 'id', 'method', 'params'].includes(key))
      throw new Violation(key.slice(0, 80), 'is not a known key')
  if (fields.jsonrpc !== '2.0') throw new Violation('jsonrpc', "must be '2.0'")
  if (typeof fields.method !== 'string' || fields.method.length > 64) throw new Violation('method', 'must be a name')
  const id = Object.hasOwn(fields, 'id') ? validId(fields.id) : undefined
  return { id, method: fields.method, params: fields.params }
}

function validId(id: unknown): Id {
  if (typeof id === 'number' && Number.isSafeInteger(id)) return id
  if (typeof id === 'string' && id.length > 0 && id.length <= 64) return id
  throw new Violation('id', 'must be a whole number or a short string')
}

function idOf(message: unknown): Id | null {
  try {
    return typeof message === 'object' && message !== null ? validId((message as { id?: unknown }).id) : null
  } catch {
    return null
  }
}
