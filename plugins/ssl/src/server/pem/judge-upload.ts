import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto'
import { certifiedNames, distinguishedName, isSelfSigned, readCertificate, signatureOf } from './certificate-facts.js'
import { buildChain, isCurrent, leavesOf } from './chain.js'
import { InvalidUpload } from './invalid.js'
import { coverage } from './names.js'
import { keyFault, leastRsaBits, publicKeyOf } from './public-key.js'
import { isWeakSignature } from './signatures.js'
import { type PemBlock, splitPem, toPem } from './split-pem.js'

export const maxUploadBytes = 64 * 1024
export const maxCertificates = 10

export interface Upload {
  /** Certificate, chain and key in any order. */
  readonly pem: string
  readonly now: Date
  /** Names (and addresses) that the certificate has to cover; none, and it may be for any. */
  readonly names: readonly string[]
  /** `optional` where the key is somewhere else already, as that of a request made in the broker. Default `required`. */
  readonly key?: 'required' | 'optional'
}

/** What can be served although it will trouble somebody. */
export type UploadWarning =
  | { readonly code: 'issuer_missing'; readonly params: { readonly issuer: string } }
  | { readonly code: 'self_signed'; readonly params: { readonly subject: string } }
  | { readonly code: 'issuer_expired'; readonly params: { readonly subject: string; readonly notAfter: string } }
  | { readonly code: 'unrelated_left_out'; readonly params: { readonly subjects: readonly string[] } }

export interface JudgedUpload {
  /** PEM, written anew. */
  readonly leaf: string
  /** PEM of each, leaf first; roots are left out. */
  readonly chain: readonly string[]
  /** PKCS #8; null only where the key was optional and none was given. */
  readonly keyPem: string | null
  readonly warnings: readonly UploadWarning[]
}

/**
 * Whether a certificate can be served for a site, and what of the text is to be served.
 *
 * @throws InvalidUpload with the first reason found, in the order a person would mend them
 */
export function judgeUpload({ pem, now, names, key = 'required' }: Upload): JudgedUpload {
  const blocks = blocksOf(pem)
  const certificates = certificatesOf(blocks)
  const privateKey = privateKeyOf(blocks, key)
  const leaf = leafOf(certificates, privateKey)
  if (privateKey && !leaf.checkPrivateKey(privateKey))
    throw new InvalidUpload('key_mismatch', { subject: nameOf(leaf) })
  refuseOutdated(leaf, now)
  refuseWeak(leaf)
  refuseForeignPurpose(leaf)
  const { chain, unrelated } = buildChain(leaf, certificates, now)
  if (chain.length === 1 && !isSelfSigned(leaf) && unrelated.length === certificates.length - 1 && unrelated.length > 0)
    throw new InvalidUpload('chain_broken', { subject: nameOf(leaf), issuer: distinguishedName(leaf.issuer) })
  for (const issuer of chain.slice(1)) refuseWeak(issuer)
  refuseUncovered(leaf, names)
  return {
    leaf: pemOf(leaf),
    chain: chain.map(pemOf),
    keyPem: privateKey?.export({ type: 'pkcs8', format: 'pem' }).toString() ?? null,
    warnings: warningsOf(chain, unrelated, certificates.length, now),
  }
}

function blocksOf(pem: string): PemBlock[] {
  const bytes = Buffer.byteLength(pem)
  if (bytes > maxUploadBytes) throw new InvalidUpload('too_large', { bytes, max: maxUploadBytes })
  return splitPem(pem)
}

/** Each once, however often it stands there. */
function certificatesOf(blocks: readonly PemBlock[]): X509Certificate[] {
  const found = blocks.filter(({ label }) => label === 'CERTIFICATE')
  if (found.length === 0) throw new InvalidUpload('no_certificate')
  if (found.length > maxCertificates)
    throw new InvalidUpload('too_many_certificates', { count: found.length, max: maxCertificates })
  const certificates = found.map(({ der }, index) => readCertificate(der, index + 1))
  return [...new Map(certificates.map(certificate => [certificate.fingerprint256, certificate])).values()]
}

function privateKeyOf(blocks: readonly PemBlock[], wish: 'required' | 'optional'): KeyObject | null {
  const keys = blocks.filter(({ label }) => /(?:^| )PRIVATE KEY$/.test(label))
  const [first] = keys
  if (!first && wish === 'required') throw new InvalidUpload('no_key')
  if (!first) return null
  if (keys.some(({ der }) => !der.equals(first.der))) throw new InvalidUpload('several_keys', { count: keys.length })
  if (first.encrypted) throw new InvalidUpload('encrypted_key')
  try {
    return createPrivateKey(first.pem)
  } catch {
    throw new InvalidUpload('malformed_key')
  }
}

/** With a key at hand, a certificate that is its own needs no further sign. */
function leafOf(certificates: readonly X509Certificate[], key: KeyObject | null): X509Certificate {
  const leaves = leavesOf(certificates)
  const [leaf, ...others] = leaves
  if (!leaf) throw new InvalidUpload('no_certificate')
  if (others.length === 0) return leaf
  const own = leaves.filter(one => key && one.checkPrivateKey(key))
  // Of two certificates for one key, the person has to choose; certificates of others do no harm when they issued nothing.
  if (own[0] && own.length === 1 && leaves.every(one => one === own[0] || one.ca)) return own[0]
  throw new InvalidUpload('several_leaves', { subjects: leaves.map(nameOf) })
}

function refuseOutdated(leaf: X509Certificate, now: Date): void {
  const subject = nameOf(leaf)
  if (leaf.validToDate < now) throw new InvalidUpload('expired', { subject, notAfter: leaf.validToDate.toISOString() })
  if (leaf.validFromDate > now)
    throw new InvalidUpload('not_yet_valid', { subject, notBefore: leaf.validFromDate.toISOString() })
}

function refuseWeak(certificate: X509Certificate): void {
  const subject = nameOf(certificate)
  const key = publicKeyOf(certificate)
  if (!key) throw new InvalidUpload('key_type_refused', { subject, keyType: 'unknown' })
  const fault = keyFault(key)
  if (fault) {
    const { reason, ...params } = fault
    throw new InvalidUpload(reason, { subject, ...params, ...(reason === 'weak_key' && { min: leastRsaBits }) })
  }
  const signature = signatureOf(certificate)
  if (isWeakSignature(signature)) throw new InvalidUpload('weak_signature', { subject, signature })
}

/** RFC 5280 §4.2.1.12: without the extension it is for everything. */
function refuseForeignPurpose(leaf: X509Certificate): void {
  const serverAuthentication = ['1.3.6.1.5.5.7.3.1', '2.5.29.37.0']
  // Node calls the extended key usage `keyUsage`, and its types forget that it can be missing.
  const purposes = leaf.keyUsage as string[] | undefined
  if (purposes && !purposes.some(purpose => serverAuthentication.includes(purpose)))
    throw new InvalidUpload('not_for_servers', { subject: nameOf(leaf) })
}

function refuseUncovered(leaf: X509Certificate, names: readonly string[]): void {
  const certified = certifiedNames(leaf)
  const { covered, missing } = coverage(certified, names)
  if (missing.length > 0)
    throw new InvalidUpload('names_uncovered', {
      covered,
      missing,
      certified: [...certified.names, ...certified.addresses],
    })
}

function warningsOf(
  chain: readonly X509Certificate[],
  unrelated: readonly X509Certificate[],
  given: number,
  now: Date,
): UploadWarning[] {
  const [leaf, ...issuers] = chain
  if (!leaf) return []
  const warnings: UploadWarning[] = []
  if (isSelfSigned(leaf)) warnings.push({ code: 'self_signed', params: { subject: nameOf(leaf) } })
  else if (given === 1) warnings.push({ code: 'issuer_missing', params: { issuer: distinguishedName(leaf.issuer) } })
  for (const issuer of issuers.filter(one => !isCurrent(one, now)))
    warnings.push({
      code: 'issuer_expired',
      params: { subject: nameOf(issuer), notAfter: issuer.validToDate.toISOString() },
    })
  if (unrelated.length > 0) warnings.push({ code: 'unrelated_left_out', params: { subjects: unrelated.map(nameOf) } })
  return warnings
}

/** Certificates of these days often have no subject; then the first name says whose it is. */
function nameOf(certificate: X509Certificate): string {
  const { names, addresses } = certifiedNames(certificate)
  return distinguishedName(certificate.subject) || names[0] || addresses[0] || certificate.serialNumber
}

function pemOf(certificate: X509Certificate): string {
  return toPem('CERTIFICATE', certificate.raw)
}
