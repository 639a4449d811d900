import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import { freePorts } from '@nusantara/kernel/testing'

/** The network between a browser and a panel: bytes pass unread, until the line is cut. */
export class Relay {
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined

  private constructor(
    readonly port: number,
    private readonly target: () => number,
  ) {}

  /** @param target port of the panel now; it may change with a restart */
  static async start(target: () => number): Promise<Relay> {
    const [port = 0] = await freePorts(1)
    const relay = new Relay(port, target)
    await relay.mend()
    return relay
  }

  get url(): string {
    return `https://localhost:${this.port}`
  }

  /** Ends every connection and takes no new ones. */
  async cut(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    const closed = new Promise(resolve => (server ? server.close(resolve) : resolve(undefined)))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  async mend(): Promise<void> {
    const server = createServer(near => {
      const far = dial(this.target(), '127.0.0.1')
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket)
        socket.on('error', () => other.destroy())
        socket.on('close', () => {
          this.#sockets.delete(socket)
          other.destroy()
        })
        socket.pipe(other)
      }
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.port, '127.0.0.1', resolve)
    })
    this.#server = server
  }
}
