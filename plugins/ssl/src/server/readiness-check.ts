import { networkInterfaces } from 'node:os'
import type { Site } from '@nusantara/plugin-sites/api'
import type { Actor } from '@nusantara/sdk'
import type { ChallengeType } from '../api.js'
import type { SslDeps } from './deps.js'
import { parseAddresses, showEndpoint } from './dns/endpoint.js'
import { provableNames } from './order-names.js'
import type { Probe } from './readiness/challenge.js'
import type { ReadinessDeps } from './readiness/check-readiness.js'
import type { Finding } from './readiness/finding.js'
import { httpGet } from './readiness/get.js'
import type { NameResolver } from './readiness/resolver.js'
import { interfaceAddresses, isOnInterface, type ServerAddresses } from './readiness/server-addresses.js'

export interface ReadinessQuery {
  readonly authority?: string
  readonly challenge: ChallengeType
}

/** The network's far end, where a test has another one. */
export type ReadinessParts = Partial<Pick<ReadinessDeps, 'resolver' | 'get' | 'server'>>

const loopback = ['127.0.0.1', '::1']
const probeToken = 'nusantara-readiness'

/** What would become of an order, told before it is made. */
export class ReadinessCheck {
  constructor(
    private readonly deps: SslDeps,
    private readonly parts: ReadinessParts = {},
  ) {}

  async check(actor: Actor, siteId: string, query: ReadinessQuery, signal: AbortSignal): Promise<readonly Finding[]> {
    // Loaded when somebody looks.
    const [{ checkSite }, { budget }] = await Promise.all([
      import('./readiness/check-readiness.js'),
      import('./renewal/limits.js'),
    ])
    const { authorities, store, now } = this.deps
    const site = await this.deps.site(actor, siteId)
    const { order } = await store.site(siteId)
    const id = query.authority ?? order?.authority ?? (await authorities.default())
    const { accountUrl, builtIn } = await authorities.require(id)
    const names = provableNames(site, query.challenge)
    return checkSite(names, {
      resolver: this.parts.resolver ?? (await this.#resolver()),
      server: this.parts.server ?? this.#server(),
      get: this.parts.get ?? httpGet({ connect: (address, port) => this.#connect(address, port) }),
      issuer: { identities: await authorities.identities(id, signal), accountUri: accountUrl, method: query.challenge },
      probe: await this.#probe(actor, site, signal),
      budget: builtIn ? budget({ names, events: await store.events(id, now()), now: now() }) : null,
      signal,
    })
  }

  async #resolver(): Promise<NameResolver> {
    const { nodeResolver } = await import('./readiness/resolver.js')
    const servers = parseAddresses((await this.deps.settings.get()).resolvers) ?? []
    return nodeResolver(servers.length > 0 ? { servers: servers.map(showEndpoint) } : {})
  }

  /** To the sandbox the world is this machine. */
  #server(): ServerAddresses {
    const own = interfaceAddresses(networkInterfaces())
    return this.#isSandbox ? { own: [...own, ...loopback], public: loopback } : { own, public: [] }
  }

  /** The sandbox's own ports stand for those that authorities ask. */
  #connect(host: string, port: number): { readonly host: string; readonly port: number } {
    if (!this.#isSandbox || !isOnInterface(host, this.#server())) return { host, port }
    const { http, https } = this.deps.context.host.ports
    return {
      host,
      port:
        new Map([
          [80, http],
          [443, https],
        ]).get(port) ?? port,
    }
  }

  get #isSandbox(): boolean {
    return this.deps.context.host.profile === 'sandbox'
  }

  /**
   * Asked for as the site answers now, with whatever account; an order to another authority has it rendered first. Null where
   * it does not answer challenges yet, because it is older than this plugin: an order has it rendered too.
   */
  async #probe(actor: Actor, site: Site, signal: AbortSignal): Promise<Probe | null> {
    const { sites, store } = this.deps
    const stored = await store.site(site.id)
    const value = await this.deps.contribution(site, stored, await this.deps.served(stored))
    const pending = await sites.planContribution({ actor, signal }, { site: site.id, plugin: 'ssl', value })
    return pending ? null : { token: probeToken, body: `${probeToken}.${await this.deps.thumbprint(stored)}` }
  }
}
