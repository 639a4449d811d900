import type { KeyAlgorithm } from './privileges.js'

/** A private key of a tenant in the broker's keeping, as everybody may know it. */
export interface KeyInfo {
  readonly key: string
  readonly algorithm: KeyAlgorithm
  /** SHA-256 of its SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), lower-case hex. */
  readonly spki: string
  /** SubjectPublicKeyInfo, DER in base64. */
  readonly publicKey: string
  /** Whether it may be read back; fixed when it is made. */
  readonly exportable: boolean
  /** ISO 8601 UTC. */
  readonly createdAt: string
}

/** What a certificate shall name. */
export interface CertificateSubject {
  /** Host names, ASCII; wildcards as `*.example.test`. */
  readonly names: readonly string[]
  /** IPv4 and IPv6 addresses. */
  readonly addresses?: readonly string[]
}
