import type { Certificate, CertificateKind, CertificateOrder, CertificateState, Failure, TlsPolicy } from '../../api.js'

export interface CertificateRow {
  readonly id: string
  readonly site_id: string
  readonly kind: CertificateKind
  readonly state: CertificateState
  readonly authority: string | null
  readonly names: string
  readonly key_type: string
  readonly exportable: number
  readonly order_url: string | null
  readonly chain: string | null
  readonly issuer: string | null
  readonly not_before: string | null
  readonly not_after: string | null
  readonly serial: string | null
  readonly fingerprint: string | null
  readonly created_at: string
}

export interface SiteRow {
  readonly site_id: string
  readonly certificate_id: string | null
  readonly policy: string
  readonly order: string | null
  readonly renew_at: string | null
  readonly advice: string | null
  readonly failures: number
  readonly failure: string | null
  readonly job_id: string | null
  readonly told: string | null
  readonly updated_at: string
}

/** A certificate with what is needed to serve it. */
export interface StoredCertificate extends Certificate {
  /** DER in base64, leaf first; empty while it is pending. */
  readonly chain: readonly string[]
  readonly orderUrl: string | null
}

/** How a site stands, as it is kept. */
export interface StoredSite {
  readonly siteId: string
  readonly certificateId: string | null
  readonly policy: TlsPolicy
  readonly order: CertificateOrder | null
  readonly renewAt: string | null
  readonly advice: Advice | null
  readonly failures: number
  readonly failure: Failure | null
  readonly jobId: string | null
  readonly told: Told | null
}

/** Which warnings about a certificate were given; another certificate is a new story. */
export interface Told {
  readonly certificateId: string
  readonly of: readonly ('failing' | 'ending')[]
}

/** What the authority advises about renewing (RFC 9773), as ISO 8601. */
export interface Advice {
  readonly start: string | null
  readonly end: string | null
  readonly explanation: string | null
  readonly pollAt: string
}

/** Nothing is forced on visitors until somebody asks for it; a new certificate comes with the redirect. */
export const firstPolicy: TlsPolicy = { redirect: true, hsts: 0, hstsSubdomains: false, profile: 'intermediate' }

/** All that people are shown of a certificate. What is left out is large: a chain is several kilobytes. */
export const shownColumns = [
  'id',
  'site_id',
  'kind',
  'state',
  'authority',
  'names',
  'key_type',
  'exportable',
  'issuer',
  'not_before',
  'not_after',
  'serial',
  'fingerprint',
  'created_at',
] as const satisfies readonly (keyof CertificateRow)[]

export type ShownRow = Pick<CertificateRow, (typeof shownColumns)[number]>

export function toShown(row: ShownRow): Certificate {
  return {
    id: row.id,
    siteId: row.site_id,
    kind: row.kind,
    state: row.state,
    authority: row.authority,
    names: JSON.parse(row.names),
    keyType: row.key_type,
    exportable: Boolean(row.exportable),
    issuer: row.issuer,
    notBefore: row.not_before,
    notAfter: row.not_after,
    serial: row.serial,
    fingerprint: row.fingerprint,
    createdAt: row.created_at,
  }
}

export function toCertificate(row: CertificateRow): StoredCertificate {
  return {
    ...toShown(row),
    chain: row.chain === null ? [] : JSON.parse(row.chain),
    orderUrl: row.order_url,
  }
}

export function toSite(row: SiteRow): StoredSite {
  const parsed = <T>(text: string | null): T | null => (text === null ? null : (JSON.parse(text) as T))
  return {
    siteId: row.site_id,
    certificateId: row.certificate_id,
    policy: { ...firstPolicy, ...parsed<TlsPolicy>(row.policy) },
    order: parsed(row.order),
    renewAt: row.renew_at,
    advice: parsed(row.advice),
    failures: row.failures,
    failure: parsed(row.failure),
    jobId: row.job_id,
    told: parsed(row.told),
  }
}

/** Of a site that nobody did anything about yet. */
export function untouched(siteId: string): StoredSite {
  return toSite({ ...blank, site_id: siteId })
}

export const blank: Omit<SiteRow, 'site_id'> = {
  certificate_id: null,
  policy: JSON.stringify(firstPolicy),
  order: null,
  renew_at: null,
  advice: null,
  failures: 0,
  failure: null,
  job_id: null,
  told: null,
  updated_at: '',
}

/** The name of a certificate's key in the broker's keeping. */
export function keyOf({ id }: Pick<Certificate, 'id'>): string {
  return id.replaceAll('-', '').toLowerCase()
}
