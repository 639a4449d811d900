import type { SiteSpec } from '@nusantara/plugin-sites/api'
import type { CertificateOrder, ChallengeType } from '../api.js'

type Named = Pick<SiteSpec, 'domain' | 'aliases'>

/** Names of a site that a challenge can prove: wildcards by DNS alone (RFC 8555 §7.1.3). */
export function provableNames({ domain, aliases }: Named, challenge: ChallengeType): readonly string[] {
  return [domain, ...aliases].filter(name => challenge === 'dns-01' || !name.startsWith('*.'))
}

/**
 * An order without the names that the site has lost since. Where none is left it is for the domain, which has to be proven over
 * HTTP: a DNS provider proves whatever its zones hold, and nobody who may use it said so of a name that came later.
 */
export function orderFor({ domain, aliases }: Named, order: CertificateOrder): CertificateOrder {
  const names = order.names.filter(name => [domain, ...aliases].includes(name))
  if (names.length > 0) return { ...order, names }
  const { provider: _, ...rest } = order
  return { ...rest, challenge: 'http-01', names: [domain] }
}
