import type { KeyObject, X509Certificate } from 'node:crypto'

/** Curves that the CA/Browser Forum's Baseline Requirements §6.1.5 know, by their names in OpenSSL. */
const curves: Readonly<Record<string, string>> = { prime256v1: 'ec256', secp384r1: 'ec384', secp521r1: 'ec521' }

export const leastRsaBits = 2048

export type KeyFault =
  | { readonly reason: 'weak_key'; readonly keyType: string }
  | { readonly reason: 'curve_unsupported'; readonly curve: string }
  | { readonly reason: 'key_type_refused'; readonly keyType: string }

/** `ec256`, `rsa2048`, …; what OpenSSL calls it for others. */
export function keyType(key: KeyObject): string {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa') return `rsa${modulusLength}`
  if (key.asymmetricKeyType === 'ec') return curves[namedCurve ?? ''] ?? `ec-${namedCurve ?? 'unnamed'}`
  return key.asymmetricKeyType ?? 'unknown'
}

/** Why browsers would not talk to a server with this key. */
export function keyFault(key: KeyObject): KeyFault | null {
  const { modulusLength = 0, namedCurve = 'unnamed' } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa')
    return modulusLength < leastRsaBits ? { reason: 'weak_key', keyType: keyType(key) } : null
  if (key.asymmetricKeyType === 'ec')
    return curves[namedCurve] ? null : { reason: 'curve_unsupported', curve: namedCurve }
  return { reason: 'key_type_refused', keyType: keyType(key) }
}

/** Null when OpenSSL cannot make anything of it. */
export function publicKeyOf(certificate: X509Certificate): KeyObject | null {
  try {
    return certificate.publicKey
  } catch {
    return null
  }
}
