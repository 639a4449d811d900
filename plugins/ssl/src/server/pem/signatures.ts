/** Algorithms that sign certificates, as readers know them. RFC 4055, RFC 5758, RFC 8410. */
const names: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.2': 'rsa-md2',
  '1.2.840.113549.1.1.4': 'rsa-md5',
  '1.2.840.113549.1.1.5': 'rsa-sha1',
  '1.3.14.3.2.29': 'rsa-sha1',
  '1.2.840.113549.1.1.10': 'rsa-pss',
  '1.2.840.113549.1.1.11': 'rsa-sha256',
  '1.2.840.113549.1.1.12': 'rsa-sha384',
  '1.2.840.113549.1.1.13': 'rsa-sha512',
  '1.2.840.113549.1.1.14': 'rsa-sha224',
  '1.2.840.10040.4.3': 'dsa-sha1',
  '1.2.840.10045.4.1': 'ecdsa-sha1',
  '1.2.840.10045.4.3.1': 'ecdsa-sha224',
  '1.2.840.10045.4.3.2': 'ecdsa-sha256',
  '1.2.840.10045.4.3.3': 'ecdsa-sha384',
  '1.2.840.10045.4.3.4': 'ecdsa-sha512',
  '1.3.101.112': 'ed25519',
  '1.3.101.113': 'ed448',
}

/** `ecdsa-sha256`, or the object identifier of what is not known here. */
export function signatureName(oid: string): string {
  return names[oid] ?? oid
}

/** Collisions of these can be made, so browsers take no certificate that they sign. */
export function isWeakSignature(name: string): boolean {
  return /-(?:md2|md5|sha1)$/.test(name)
}
