import type { Site, SiteTls, VhostContribution } from '@nusantara/plugin-sites/api'
import { type Directive, directive } from '@nusantara/sdk'
import { coverage } from './pem/names.js'
import { keyOf, type StoredCertificate, type StoredSite } from './store/rows.js'

/** What this plugin adds to the web server file of a site. */
export function contributionOf(
  site: Pick<Site, 'domain' | 'aliases'>,
  stored: StoredSite,
  certificate: StoredCertificate | null,
  thumbprint: string,
): VhostContribution {
  const tls = certificate?.chain.length ? tlsOf(site, stored, certificate) : undefined
  return { everywhere: challengeLocation(thumbprint), ...(tls && { tls }) }
}

/**
 * Answers an authority with its token and this account (RFC 8555 §8.3), whatever else the site does: no longer prefix can
 * stand in front of it, and nothing is asked of a program, a proxy or a file.
 */
function challengeLocation(thumbprint: string): readonly Directive[] {
  return [
    directive(
      'location',
      ['^~', '/.well-known/acme-challenge/'],
      [
        directive('access_log', ['off']),
        directive('default_type', ['text/plain']),
        directive('return', ['200', `$nusantara_challenge.${thumbprint}`]),
      ],
    ),
  ]
}

/** Null when the certificate is for none of the site's names any more. */
function tlsOf(
  site: Pick<Site, 'domain' | 'aliases'>,
  { policy }: StoredSite,
  certificate: StoredCertificate,
): SiteTls | undefined {
  const { covered } = securedNames(site, certificate)
  if (covered.length === 0) return undefined
  const { hsts, hstsSubdomains, redirect, profile } = policy
  return {
    chain: certificate.chain,
    key: keyOf(certificate),
    names: covered,
    redirect,
    modern: profile === 'modern',
    headers:
      hsts > 0 ? [['Strict-Transport-Security', `max-age=${hsts}${hstsSubdomains ? '; includeSubDomains' : ''}`]] : [],
  }
}

/** Names of the site that the certificate is for, and those that it is not for. */
export function securedNames(
  { domain, aliases }: Pick<Site, 'domain' | 'aliases'>,
  { names }: Pick<StoredCertificate, 'names'>,
): ReturnType<typeof coverage> {
  return coverage({ names, addresses: [] }, [domain, ...aliases])
}
