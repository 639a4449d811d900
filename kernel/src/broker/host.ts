import { isIPv6 } from 'node:net'
import type { BrokerConfig, RootName } from './config.js'
import { ParamInvalid, TenantUnknown } from './errors.js'
import { KeyStore } from './keys/key-store.js'
import { isTenantForm } from './tenant-id.js'
import { groupName, ownIdentity, type UserIdentity, userNamed } from './users.js'

export type { UserIdentity } from './users.js'
export type ListenerName = 'http' | 'https' | 'http6' | 'https6'

export interface TenantPaths {
  /** Container of everything below, owned by the broker. */
  readonly home: string
  /** The site's own root, owned by the tenant; document roots are below it. */
  readonly root: string
  readonly tmp: string
  readonly log: string
  /** Sockets of services that the host runs for the tenant; the broker's, so that no name in it is the tenant's choice. */
  readonly run: string
  /** Sockets of programs of the tenant's own, owned by it; no link in it is followed, see `app-sockets.ts`. */
  readonly app: string
}

/**
 * Where things are on this host and who owns them. Both profiles answer the same questions, so nothing else in the
 * broker asks which profile it is, except what starts services.
 */
export class Host {
  readonly profile: 'sandbox' | 'system'
  readonly roots: Readonly<Record<RootName, string>>
  readonly ports: { readonly http: number; readonly https: number }
  /** Whether each tenant has a user of its own. */
  readonly isolation: boolean
  /** Private keys of tenants. */
  readonly keys: KeyStore
  readonly #own: UserIdentity = ownIdentity()
  readonly #tenants = new Map<string, UserIdentity>()
  readonly #named = new Map<string, UserIdentity>()
  readonly #groups = new Map<number, string>()

  constructor(private readonly config: BrokerConfig) {
    this.profile = config.profile
    this.roots = config.roots
    this.ports = config.ports
    this.isolation = config.users === 'per-tenant'
    this.keys = new KeyStore(`${config.roots.state}/keys`)
  }

  /** Public listeners as `address:port`, IPv6 addresses in brackets. */
  listeners(): Readonly<Record<ListenerName, string>> {
    const { four, six } = this.#addresses()
    const { http, https } = this.ports
    return {
      http: `${four}:${http}`,
      https: `${four}:${https}`,
      http6: `[${six}]:${http}`,
      https6: `[${six}]:${https}`,
    }
  }

  /** Where a client on this machine reaches each listener: the wildcard address becomes the loopback. */
  reachable(): readonly {
    readonly name: ListenerName
    readonly address: string
    readonly port: number
    readonly tls: boolean
  }[] {
    const { four, six } = this.#addresses()
    const near = (address: string) => (address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address)
    const { http, https } = this.ports
    return [
      { name: 'http', address: near(four), port: http, tls: false },
      { name: 'http6', address: near(six), port: http, tls: false },
      { name: 'https', address: near(four), port: https, tls: true },
      { name: 'https6', address: near(six), port: https, tls: true },
    ]
  }

  tenantPaths(tenant: string): TenantPaths {
    const { www, log, run } = this.roots
    const home = `${www}/${tenant}`
    return {
      home,
      root: `${home}/files`,
      tmp: `${home}/tmp`,
      log: `${log}/sites/${tenant}`,
      run: `${run}/services/${tenant}`,
      app: `${run}/tenants/${tenant}`,
    }
  }

  /** @throws tenant_unknown */
  userOf(of: 'tenant' | 'web' | 'panel', tenant?: string): UserIdentity {
    if (!this.isolation) {
      if (of === 'tenant' && !(tenant !== undefined && this.#tenants.has(tenant)))
        throw TenantUnknown({ tenant: String(tenant) })
      return this.#own
    }
    if (of === 'tenant') {
      const identity = this.#tenants.get(String(tenant))
      if (!identity) throw TenantUnknown({ tenant: String(tenant) })
      return identity
    }
    return this.#lookup(of === 'web' ? (this.config.webUser ?? 'www-data') : (this.config.panelUser ?? 'nusantara'))
  }

  /** The name of the user's own group. @throws tenant_unknown */
  groupOf(of: 'tenant' | 'web' | 'panel', tenant?: string): string {
    const { name, gid } = this.userOf(of, tenant)
    if (gid < 0) return name
    const known = this.#groups.get(gid) ?? groupName(gid)
    this.#groups.set(gid, known)
    return known
  }

  /**
   * Runs `plan`, which must be synchronous and write nothing, as if the tenant were there: a plan shows what a site will
   * look like before its tenant is made.
   */
  expecting<T>(tenant: string | undefined, plan: () => T): T {
    if (tenant === undefined || !isTenantForm(tenant) || this.#tenants.has(tenant)) return plan()
    this.#tenants.set(tenant, { name: tenant, uid: -1, gid: -1 })
    try {
      return plan()
    } finally {
      this.#tenants.delete(tenant)
    }
  }

  /** The user the broker itself runs as. */
  get own(): UserIdentity {
    return this.#own
  }

  /** Replaces `${etc} ${run} ${log} ${state} ${www}` in a manifest's literal. @throws param_invalid for any other `${…}` */
  expandRoot(literal: string): string {
    return literal.replaceAll(/\$\{([^}]*)\}/g, (_, name: string) => {
      if (!Object.hasOwn(this.roots, name)) throw ParamInvalid({ param: `\${${name}}`, reason: 'is not a host root' })
      return this.roots[name as RootName]
    })
  }

  /** Called by the tenant registry alone. */
  rememberTenant(tenant: string, identity: UserIdentity | null): void {
    if (identity) this.#tenants.set(tenant, identity)
    else this.#tenants.delete(tenant)
  }

  #addresses(): { four: string; six: string } {
    const addresses = this.config.listenAddresses
    const four = addresses.find(address => !isIPv6(address)) ?? '0.0.0.0'
    const six = addresses.find(address => isIPv6(address)) ?? (four.startsWith('127.') ? '::1' : '::')
    return { four, six }
  }

  #lookup(name: string): UserIdentity {
    const known = this.#named.get(name) ?? userNamed(name)
    if (!known) throw ParamInvalid({ param: name, reason: 'is not a user of this host' })
    this.#named.set(name, known)
    return known
  }
}
