import { createHash, X509Certificate } from 'node:crypto'
import { createRequire } from 'node:module'
import { derParts } from './der.js'
import { InvalidUpload } from './invalid.js'
import { type CertifiedNames, canonicalAddress } from './names.js'
import { keyType, publicKeyOf } from './public-key.js'
import { signatureName } from './signatures.js'
import { splitPem } from './split-pem.js'

const require = createRequire(import.meta.url)

/** Loaded when a certificate is read first: every panel would carry it else. */
const asn1 = () => require('@peculiar/x509') as typeof import('@peculiar/x509')

/** What readers are told of a certificate. Texts that its maker chose hold no control characters. */
export interface CertificateFacts extends CertifiedNames {
  /** `CN=example.test, O=Example`; empty where the names alone say whose it is. */
  readonly subject: string
  readonly issuer: string
  /** Lower-case hexadecimal. */
  readonly serial: string
  /** ISO 8601, UTC. */
  readonly notBefore: string
  readonly notAfter: string
  /** SHA-256 of the certificate, lower-case hexadecimal without colons. */
  readonly fingerprint256: string
  /** SHA-256 of its public key (SubjectPublicKeyInfo), the same form. */
  readonly spki256: string
  /** `ec256`, `ec384`, `rsa2048`, … */
  readonly keyType: string
  /** `ecdsa-sha256`, … */
  readonly signature: string
  readonly selfSigned: boolean
  /** Hexadecimal; null where it has none, as roots and certificates made by hand. */
  readonly authorityKeyId: string | null
  /** Where the public logs show it (RFC 9162). */
  readonly crtsh: string
}

/**
 * @param certPem PEM text; the first certificate counts
 * @throws InvalidUpload
 */
export function describe(certPem: string): CertificateFacts {
  return factsOf(firstCertificate(certPem))
}

/** @throws InvalidUpload */
export function firstCertificate(certPem: string): X509Certificate {
  const block = splitPem(certPem).find(({ label }) => label === 'CERTIFICATE')
  if (!block) throw new InvalidUpload('no_certificate')
  return readCertificate(block.der, 1)
}

/** @throws InvalidUpload */
export function readCertificate(der: Buffer, position: number): X509Certificate {
  try {
    const certificate = new X509Certificate(der)
    derParts(certificate.raw)
    ;new (asn1().X509Certificate)(certificate.raw)
    return certificate
  } catch {
    throw new InvalidUpload('malformed_certificate', { position })
  }
}

export function factsOf(certificate: X509Certificate): CertificateFacts {
  const key = publicKeyOf(certificate)
  const fingerprint256 = hash(certificate.raw)
  return {
    subject: distinguishedName(certificate.subject),
    issuer: distinguishedName(certificate.issuer),
    serial: certificate.serialNumber.toLowerCase(),
    notBefore: certificate.validFromDate.toISOString(),
    notAfter: certificate.validToDate.toISOString(),
    fingerprint256,
    spki256: hash(Buffer.from(new (asn1().X509Certificate)(certificate.raw).publicKey.rawData)),
    ...certifiedNames(certificate),
    keyType: key ? keyType(key) : 'unknown',
    signature: signatureOf(certificate),
    selfSigned: isSelfSigned(certificate),
    authorityKeyId: authorityKeyId(certificate),
    crtsh: `https://crt.sh/?q=${fingerprint256}`,
  }
}

/** Names in lower case; what no host can be called is left out, so it can match nothing. */
export function certifiedNames(certificate: X509Certificate): CertifiedNames {
  const { X509Certificate: Parsed, SubjectAlternativeNameExtension } = asn1()
  const extension = new Parsed(certificate.raw).getExtension(SubjectAlternativeNameExtension)
  const items = extension?.names.items ?? []
  const valuesOf = (type: string) => items.filter(item => item.type === type).map(item => item.value)
  return {
    names: valuesOf('dns')
      .map(name => name.toLowerCase())
      .filter(name => /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(name)),
    addresses: valuesOf('ip').map(canonicalAddress),
  }
}

/** Hexadecimal, or null. */
export function authorityKeyId(certificate: X509Certificate): string | null {
  const { X509Certificate: Parsed, AuthorityKeyIdentifierExtension } = asn1()
  const extension = new Parsed(certificate.raw).getExtension(AuthorityKeyIdentifierExtension)
  return extension?.keyId?.toLowerCase() || null
}

export function signatureOf(certificate: X509Certificate): string {
  return signatureName(derParts(certificate.raw).signatureOid)
}

export function isSelfSigned(certificate: X509Certificate): boolean {
  return hasIssued(certificate, certificate)
}

/** Whether the one names the other as issuer and its key really signed it. */
export function hasIssued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  const key = publicKeyOf(issuer)
  try {
    return key !== null && certificate.checkIssued(issuer) && certificate.verify(key)
  } catch {
    return false
  }
}

/** One line of Node's many. OpenSSL writes control characters as `\0A`; those go, as does what reorders text. */
export function distinguishedName(lines: string | undefined): string {
  return (lines ?? '')
    .split('\n')
    .join(', ')
    .replace(/\\(\\|[01][0-9A-F]|7F)/g, (escaped, what) => (what === '\\' ? escaped : ''))
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
