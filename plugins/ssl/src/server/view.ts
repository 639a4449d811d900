import type { Site } from '@nusantara/plugin-sites/api'
import type { Certificate, SiteCertificate } from '../api.js'
import { securedNames } from './contribution.js'
import { expiryHealth } from './renewal/expiry.js'
import type { StoredSite } from './store/rows.js'

/** How a site stands, as the API shows it. */
export function viewOf(
  site: Site,
  { policy, order, renewAt, advice, failures, failure, jobId }: StoredSite,
  certificate: Certificate | null,
  now: Date,
): SiteCertificate {
  return {
    siteId: site.id,
    domain: site.unicodeDomain,
    names: [site.domain, ...site.aliases],
    certificate,
    secured: certificate ? securedNames(site, certificate).covered : [],
    policy,
    order,
    renewAt,
    renewalReason: advice?.explanation ?? null,
    failures,
    failure,
    job: jobId,
    health: healthOf(certificate, { order, renewAt }, now),
  }
}

export function healthOf(
  certificate: Pick<Certificate, 'notBefore' | 'notAfter'> | null,
  { order, renewAt }: Pick<StoredSite, 'order' | 'renewAt'>,
  now: Date,
): SiteCertificate['health'] {
  if (!certificate?.notBefore || !certificate.notAfter) return 'none'
  return expiryHealth({
    notBefore: new Date(certificate.notBefore),
    notAfter: new Date(certificate.notAfter),
    now,
    ...(order && renewAt && { renewAt: new Date(renewAt) }),
  })
}
