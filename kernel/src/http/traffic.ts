import type { Socket } from 'node:net'
import { Lifecycle, scoped } from 'tsyringe'

/** Who is connected, and when somebody was last there. Moments are those of `performance.now()`. */
@scoped(Lifecycle.ContainerScoped)
export class Traffic {
  #connections = 0
  #lastSeen = performance.now()
  #lastUsed: number | undefined

  /** Connections that are open, on every door, streams among them. */
  get connections(): number {
    return this.#connections
  }

  /** When somebody last connected or left, whoever it was; at first, when the process began. */
  get lastSeen(): number {
    return this.#lastSeen
  }

  /** When a request of somebody known last came or ended. */
  get lastUsed(): number | undefined {
    return this.#lastUsed
  }

  /** For a server's `connection` event: counted in the turn that accepts it. */
  connected(socket: Socket): void {
    this.#connections++
    this.#lastSeen = performance.now()
    socket.once('close', () => {
      this.#connections--
      this.#lastSeen = performance.now()
    })
  }

  /** Somebody known asked for something, or got it. */
  used(): void {
    this.#lastUsed = performance.now()
  }
}
