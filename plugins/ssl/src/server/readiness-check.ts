import { networkInterfaces } from 'node:os'
import type { Actor } from '@nusantara/sdk'
import type { ChallengeType } from '../api.js'
import type { SslDeps } from './deps.js'
import { checkSite, type ReadinessDeps } from './readiness/check-readiness.js'
import type { Finding } from './readiness/finding.js'
import { httpGet } from './readiness/get.js'
import { nodeResolver } from './readiness/resolver.js'
import { interfaceAddresses } from './readiness/server-addresses.js'
import { budget } from './renewal/limits.js'

export interface ReadinessQuery {
  readonly authority?: string
  readonly challenge: ChallengeType
}

/** The network's far end, where a test has another one. */
export type ReadinessParts = Partial<Pick<ReadinessDeps, 'resolver' | 'get' | 'server'>>

const probeToken = 'nusantara-readiness'
/** letsencrypt.org/docs/caa */
const identitiesOf: Readonly<Record<string, readonly string[]>> = {
  letsencrypt: ['letsencrypt.org'],
  'letsencrypt-staging': ['letsencrypt.org'],
}

/** What would become of an order, told before it is made. */
export class ReadinessCheck {
  constructor(
    private readonly deps: SslDeps,
    private readonly parts: ReadinessParts = {},
  ) {}

  async check(actor: Actor, siteId: string, query: ReadinessQuery, signal: AbortSignal): Promise<readonly Finding[]> {
    const { authorities, store, now } = this.deps
    const site = await this.deps.site(actor, siteId)
    const { order } = await store.site(siteId)
    const id = query.authority ?? order?.authority ?? (await authorities.default())
    const { accountUrl } = await authorities.require(id)
    const all = [site.domain, ...site.aliases]
    const names = all.filter(name => query.challenge === 'dns-01' || !name.startsWith('*.'))
    const thumbprint = await authorities.thumbprint(id)
    return checkSite(names, {
      resolver: this.parts.resolver ?? nodeResolver(),
      server: this.parts.server ?? { own: interfaceAddresses(networkInterfaces()), public: [] },
      get: this.parts.get ?? httpGet(),
      issuer: { identities: identitiesOf[id] ?? [], accountUri: accountUrl, method: query.challenge },
      probe: { token: probeToken, body: `${probeToken}.${thumbprint}` },
      budget: id in identitiesOf ? budget({ names, events: await store.events(id, now()), now: now() }) : null,
      signal,
    })
  }
}
