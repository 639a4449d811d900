import type { SiteSpec } from '@nusantara/plugin-sites/api'
import type { CertificateOrder, ChallengeType } from '../api.js'

type Named = Pick<SiteSpec, 'domain' | 'aliases'>

/** Names of a site that a challenge can prove: wildcards by DNS alone (RFC 8555 §7.1.3). */
export function provableNames({ domain, aliases }: Named, challenge: ChallengeType): readonly string[] {
  return [domain, ...aliases].filter(name => challenge === 'dns-01' || !name.startsWith('*.'))
}

/** An order without the names that the site has lost since; where none is left, for its domain. */
export function orderFor<O extends CertificateOrder>({ domain, aliases }: Named, order: O): O {
  const names = order.names.filter(name => [domain, ...aliases].includes(name))
  return { ...order, names: names.length > 0 ? names : [domain] }
}
