import { createConnection, type Socket } from 'node:net'
import { LineReader } from '../rpc/framing.js'

export interface Answer {
  readonly id?: number | string | null
  readonly result?: unknown
  readonly error?: {
    readonly code: number
    readonly message: string
    readonly data?: { readonly code: string; readonly params: Record<string, unknown> }
  }
}

/** Speaks to the socket without any of the panel's manners: what a taken-over panel would use. */
export class RawClient {
  readonly answers: Answer[] = []
  readonly #waiting = new Map<unknown, (answer: Answer) => void>()
  readonly closed: Promise<void>
  #id = 0

  private constructor(readonly socket: Socket) {
    const reader = new LineReader()
    this.closed = new Promise(resolve => socket.once('close', () => resolve()))
    socket.on('error', () => {})
    socket.on('data', chunk => {
      for (const line of reader.push(chunk as Buffer)) {
        const answer = JSON.parse(line.toString()) as Answer
        this.answers.push(answer)
        this.#waiting.get(answer.id)?.(answer)
        this.#waiting.delete(answer.id)
      }
    })
  }

  static connect(path: string): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(path, () => resolve(new RawClient(socket)))
      socket.once('error', reject)
    })
  }

  /** Sends bytes as they are. */
  write(bytes: string | Uint8Array): void {
    this.socket.write(bytes)
  }

  /** One request; a connection that the broker closes answers with an error. */
  call(method: unknown, params?: unknown): Promise<Answer> {
    const id = ++this.#id
    const answer = new Promise<Answer>(resolve => this.#waiting.set(id, resolve))
    this.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
    return Promise.race([answer, this.closed.then(() => ({ id, error: { code: 0, message: 'closed' } }))])
  }

  end(): void {
    this.socket.destroy()
  }
}
