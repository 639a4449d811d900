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
  /** Whose a connection is, while that is known. */
  readonly #owners = new WeakMap<Socket, string>()
  #total = 0

  /** @param trusts proxies, which stand for many clients and are not counted as one */
  constructor(
    private readonly limits: ConnectionLimits,
    private readonly trusts: (address: string) => boolean,
  ) {}

  /** For the `connection` event of a server whose clients come themselves. */
  readonly accept = (socket: Socket): void => {
    this.acceptUnnamed(socket)
    if (!socket.destroyed) this.claim(socket, socket.remoteAddress ?? '')
  }

  /** For the `connection` event of a server whose requests say who its clients are, see {@link claim}. */
  readonly acceptUnnamed = (socket: Socket): void => {
    if (this.#total >= this.limits.total) {
      socket.destroy()
      return
    }
    this.#total++
    socket.once('close', () => {
      this.#total--
      this.#release(socket)
    })
  }

  /** Counts a connection as one of this client, and as nobody else's any more. False: there are too many; it was cut. */
  claim(socket: Socket, address: string): boolean {
    const client = addressKey(address)
    if (this.#owners.get(socket) === client) return true
    this.#release(socket)
    const present = this.#clients.get(client) ?? 0
    if (present >= this.limits.perClient && !this.trusts(address)) {
      socket.destroy()
      return false
    }
    this.#owners.set(socket, client)
    this.#clients.set(client, present + 1)
    return true
  }

  get total(): number {
    return this.#total
  }

  #release(socket: Socket): void {
    const client = this.#owners.get(socket)
    if (client === undefined) return
    this.#owners.delete(socket)
    const left = (this.#clients.get(client) ?? 1) - 1
    if (left > 0) this.#clients.set(client, left)
    else this.#clients.delete(client)
  }
}
