import { authorityKeyId, firstCertificate } from './certificate-facts.js'
import { derParts } from './der.js'

/**
 * The name of a certificate in its authority's renewal information, and in `replaces` of the order that renews it
 * (RFC 9773 §4.1). Null where the certificate does not say which key of its authority signed it.
 *
 * @throws InvalidUpload when the text holds no certificate
 */
export function ariCertId(certPem: string): string | null {
  const certificate = firstCertificate(certPem)
  const authority = authorityKeyId(certificate)
  if (authority === null) return null
  const { serial } = derParts(certificate.raw)
  return `${Buffer.from(authority, 'hex').toString('base64url')}.${serial.toString('base64url')}`
}
