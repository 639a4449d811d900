import { networkInterfaces } from 'node:os'
import { inject, Lifecycle, scoped } from 'tsyringe'
import type { Config } from '../config/config.js'
import { CONFIG } from '../config/token.js'
import { ownNames } from '../host/own-names.js'

const refreshAfter = 10_000

/**
 * The names this panel answers to: the configured ones, localhost, and the machine's own name and addresses. Any other Host
 * is refused with 421, so that a foreign name pointed at this address (DNS rebinding) gets nothing.
 */
@scoped(Lifecycle.ContainerScoped)
export class Hosts {
  readonly #configured: ReadonlySet<string>
  #own: ReadonlySet<string> = new Set()
  #readAt = Number.NEGATIVE_INFINITY

  constructor(@inject(CONFIG) config: Config) {
    this.#configured = new Set(['localhost', ...ownNames(), ...config.hosts].map(name => name.toLowerCase()))
  }

  /** @param host a Host header, `panel.example.test:8443` or `[::1]:8443` */
  allows(host: string): boolean {
    const name = hostName(host)
    return name !== undefined && (this.#configured.has(name) || this.#addresses().has(name))
  }

  #addresses(): ReadonlySet<string> {
    const now = performance.now()
    if (now - this.#readAt > refreshAfter) {
      const addresses = Object.values(networkInterfaces()).flatMap(list => (list ?? []).map(({ address }) => address))
      // Every address of 127.0.0.0/8 is this machine, but the interface names only the first.
      this.#own = new Set(['127.0.0.1', '::1', ...addresses].map(address => address.split('%')[0] ?? address))
      this.#readAt = now
    }
    return this.#own
  }
}

/** The name without its port and brackets, in lower case; undefined for what is no host at all (RFC 9110 §7.2). */
export function hostName(host: string): string | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/?#@[\]]+))(?::\d{1,5})?$/.exec(host)
  return (match?.[1] ?? match?.[2])?.toLowerCase().replace(/\.$/, '')
}
