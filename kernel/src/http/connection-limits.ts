import type { Socket } from 'node:net'
import { addressKey } from '../auth/address.js'

/** Connections in all and from one client; an IPv6 client is its /64. */
export interface ConnectionLimits {
  readonly total: number
  readonly perClient: number
}

export const defaultLimits: ConnectionLimits = { total: 2048, perClient: 256 }

/** Cuts connections beyond the caps at once, so that who opens many leaves room for everybody else. */
export class ConnectionCap {
  readonly #clients = new Map<string, number>()
  #total = 0

  /** @param trusts proxies, which stand for many clients and are not counted as one */
  constructor(
    private readonly limits: ConnectionLimits,
    private readonly trusts: (address: string) => boolean,
  ) {}

  /** For the server's `connection` event. */
  readonly accept = (socket: Socket): void => {
    const address = socket.remoteAddress ?? ''
    const client = addressKey(address)
    const present = this.#clients.get(client) ?? 0
    if (this.#total >= this.limits.total || (present >= this.limits.perClient && !this.trusts(address))) {
      socket.destroy()
      return
    }
    this.#total++
    this.#clients.set(client, present + 1)
    socket.once('close', () => {
      this.#total--
      const left = (this.#clients.get(client) ?? 1) - 1
      if (left > 0) this.#clients.set(client, left)
      else this.#clients.delete(client)
    })
  }

  get total(): number {
    return this.#total
  }
}
