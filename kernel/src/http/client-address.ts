import { BlockList, isIP } from 'node:net'
import { inject, Lifecycle, scoped } from 'tsyringe'
import type { Config } from '../config/config.js'
import { CONFIG } from '../config/token.js'

/**
 * Who is on the other end. X-Forwarded-For is believed from the configured proxies and from whoever may open the door for a
 * web server; no other header ever.
 */
@scoped(Lifecycle.ContainerScoped)
export class ClientAddress {
  readonly #trusted = new BlockList()
  readonly #any: boolean

  constructor(@inject(CONFIG) config: Config) {
    this.#any = config.trustedProxies.length > 0
    for (const entry of config.trustedProxies) {
      const [address = '', prefix] = entry.split('/')
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
      if (prefix === undefined) this.#trusted.addAddress(address, family)
      else this.#trusted.addSubnet(address, Number(prefix), family)
    }
  }

  /** Whether the peer of a connection is one of the configured proxies. */
  trusts(peer: string): boolean {
    return this.#any && this.#trusted.check(peer, isIP(peer) === 6 ? 'ipv6' : 'ipv4')
  }

  /**
   * Walks X-Forwarded-For from its end, past our own proxies, to the first address that none of them is: what stands before
   * it was written by the client.
   */
  of(peer: string | undefined, forwardedFor: string | undefined): string {
    let address = plain(peer ?? '')
    if (!forwardedFor) return address
    for (const hop of forwardedFor.split(',').reverse()) {
      const next = plain(hop.trim())
      if (!this.trusts(address) || isIP(next) === 0) break
      address = next
    }
    return address
  }

  /** The client that a web server on this machine names last; undefined where it names none. */
  behindFront(forwardedFor: string | undefined): string | undefined {
    const last = plain(forwardedFor?.split(',').at(-1)?.trim() ?? '')
    return isIP(last) === 0 ? undefined : last
  }
}

/** An IPv4 client of an IPv6 socket is shown as IPv4, so that limits count it once. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address
}
