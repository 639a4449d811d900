import type { KeyAlgorithm } from '@nusantara/sdk'

/** How a certificate authority is convinced that a name is ours (RFC 8555 §8). */
export type ChallengeType = 'http-01' | 'dns-01'

/** What a certificate is asked for with; kept, so that renewals ask the same. */
export interface CertificateOrder {
  /** Id of an authority. */
  readonly authority: string
  /** Names of the site; a wildcard only with `dns-01`. */
  readonly names: readonly string[]
  readonly keyType: KeyAlgorithm
  readonly challenge: ChallengeType
  /** Id of a DNS provider, for `dns-01`. */
  readonly provider?: string
  /** Of those that the authority offers, `shortlived`. */
  readonly profile?: string
  /** Whether the key may be read back later. */
  readonly exportable?: boolean
}

/** How a site answers once it has a certificate. */
export interface TlsPolicy {
  /** Plain HTTP leads to HTTPS. */
  readonly redirect: boolean
  /** Seconds for which browsers shall insist on HTTPS (RFC 6797); 0: they need not. */
  readonly hsts: number
  readonly hstsSubdomains: boolean
  /** Mozilla's profiles: TLS 1.2 and 1.3, or 1.3 alone. */
  readonly profile: 'intermediate' | 'modern'
}

export type CertificateKind = 'acme' | 'upload' | 'self-signed'
export type CertificateState = 'pending' | 'valid' | 'revoked'

export interface Certificate {
  readonly id: string
  readonly siteId: string
  readonly kind: CertificateKind
  readonly state: CertificateState
  /** Id of the authority, for `acme`. */
  readonly authority: string | null
  readonly names: readonly string[]
  readonly keyType: string
  readonly exportable: boolean
  /** As the certificate says; null while it is pending. */
  readonly issuer: string | null
  /** ISO 8601 UTC. */
  readonly notBefore: string | null
  readonly notAfter: string | null
  /** Lower-case hex. */
  readonly serial: string | null
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string | null
  readonly createdAt: string
}

/** Why the last attempt failed: a problem's code and values. */
export interface Failure {
  readonly code: string
  readonly params: Readonly<Record<string, unknown>>
  readonly at: string
}

/** `GET /ssl/sites/:id`: how a site stands with TLS. */
export interface SiteCertificate {
  readonly siteId: string
  readonly domain: string
  /** Every name of the site. */
  readonly names: readonly string[]
  /** What is served, if anything. */
  readonly certificate: Certificate | null
  /** Names of the site that answer over TLS. */
  readonly secured: readonly string[]
  readonly policy: TlsPolicy
  /** What it renews with; null where nobody renews it. */
  readonly order: CertificateOrder | null
  /** When it is renewed next, ISO 8601 UTC. */
  readonly renewAt: string | null
  /** A page of the authority on why then. */
  readonly renewalReason: string | null
  readonly failures: number
  readonly failure: Failure | null
  /** The job that works on it now. */
  readonly job: string | null
  /** `ok`, or what asks for attention. */
  readonly health: 'none' | 'ok' | 'warning' | 'failed'
}

/** One of `GET /ssl/expiry`: when what is served for a site ends. */
export interface Expiry extends Pick<SiteCertificate, 'siteId' | 'domain' | 'health'>, Pick<Certificate, 'kind'> {
  /** ISO 8601 UTC. */
  readonly notAfter: string
}

export interface Authority {
  readonly id: string
  readonly name: string
  readonly directoryUrl: string
  /** Comes with the plugin and cannot be changed. */
  readonly builtIn: boolean
  readonly default: boolean
  /** Has a private root of its own. This and what follows is null to who may not change authorities. */
  readonly caPem: string | null
  readonly eabKeyId: string | null
  /** Once an account is registered. */
  readonly accountUrl: string | null
}
