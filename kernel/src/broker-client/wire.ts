import { createConnection, type Socket } from 'node:net'
import { LineReader } from '../broker/rpc/framing.js'

/** What the broker sends: an answer or a notification. */
export interface Message {
  readonly id?: number | null
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: {
    readonly code: number
    readonly message: string
    readonly data?: { readonly code: string; readonly params: Readonly<Record<string, unknown>> }
  }
}

interface Listener {
  message(message: Message): void
  /** Once, when the connection has ended for whatever reason. */
  closed(): void
}

/** Newline-delimited JSON over one unix socket. */
export class Wire {
  private constructor(private readonly socket: Socket) {}

  /** @throws the error of connect(2) */
  static connect(path: string, listener: Listener): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(path)
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        // 'close' follows every error and tells all there is to tell.
        socket.on('error', () => {})
        socket.once('close', () => listener.closed())
        const reader = new LineReader()
        socket.on('data', chunk => {
          try {
            for (const line of reader.push(chunk as Buffer))
              listener.message(JSON.parse(line.toString('utf8')) as Message)
          } catch (error) {
            socket.destroy(error as Error)
          }
        })
        resolve(new Wire(socket))
      })
    })
  }

  /** What is sent in one turn of the event loop leaves together, so that the broker reads it together. */
  send(message: object): void {
    if (!this.socket.writable) return
    if (!this.socket.writableCorked) {
      this.socket.cork()
      process.nextTick(() => this.socket.uncork())
    }
    this.socket.write(`${JSON.stringify(message)}\n`)
  }

  close(): void {
    this.socket.end()
    this.socket.destroy()
  }
}
