import type { Certificate, SiteCertificate } from '../../api.js'

const day = 86_400_000

/** A site with a certificate that ends in `days`; with null it has none. */
export function exampleStanding(
  days: number | null,
  {
    certificate,
    ...changes
  }: Partial<Omit<SiteCertificate, 'certificate'>> & { certificate?: Partial<Certificate> } = {},
): SiteCertificate {
  const names = changes.names ?? ['one.test', 'www.one.test']
  const end = Date.now() + (days ?? 0) * day + 1_000
  return {
    siteId: 's1',
    domain: names[0] ?? '',
    secured: days === null ? [] : names,
    policy: { redirect: true, hsts: 0, hstsSubdomains: false, profile: 'intermediate' },
    order: null,
    renewAt: null,
    renewalReason: null,
    failures: 0,
    failure: null,
    job: null,
    health: days === null ? 'none' : 'ok',
    ...changes,
    names,
    certificate:
      days === null
        ? null
        : {
            id: 'c1',
            siteId: 's1',
            kind: 'acme',
            state: 'valid',
            authority: 'letsencrypt',
            names,
            keyType: 'ec256',
            exportable: false,
            issuer: 'C=US, O=Example Trust, CN=E7',
            notBefore: new Date(end - 90 * day).toISOString(),
            notAfter: new Date(end).toISOString(),
            serial: 'ab',
            fingerprint: 'ab12',
            createdAt: new Date(end - 90 * day).toISOString(),
            ...certificate,
          },
  }
}
