/** Why an upload is refused, or is taken with a word of warning; catalogues choose their text by it. */
export type InvalidReason =
  | 'too_large'
  | 'no_certificate'
  | 'malformed_certificate'
  | 'too_many_certificates'
  | 'several_leaves'
  | 'no_key'
  | 'several_keys'
  | 'malformed_key'
  | 'encrypted_key'
  | 'key_mismatch'
  | 'expired'
  | 'not_yet_valid'
  | 'weak_key'
  | 'weak_signature'
  | 'curve_unsupported'
  | 'key_type_refused'
  | 'not_for_servers'
  | 'chain_broken'
  | 'names_uncovered'

type Params = Readonly<Record<string, string | number | readonly string[]>>

const texts: Readonly<Record<InvalidReason, (p: Params) => string>> = {
  too_large: p =>
    `the text has ${p.bytes} bytes; at most ${p.max} are read. Give the certificate, its chain and the key`,
  no_certificate: () => 'there is no certificate in it; one begins with -----BEGIN CERTIFICATE-----',
  malformed_certificate: p => `certificate ${p.position} cannot be read; copy it again, with its first and last line`,
  too_many_certificates: p =>
    `there are ${p.count} certificates; give at most ${p.max}: that of the site and its chain`,
  several_leaves: p => `there are certificates of several sites (${list(p.subjects)}); give one with its chain`,
  no_key: () => 'the private key is missing; one begins with -----BEGIN PRIVATE KEY-----',
  several_keys: p => `there are ${p.count} private keys; give the one of the certificate`,
  malformed_key: () => 'the private key cannot be read; copy it again, with its first and last line',
  encrypted_key: () =>
    'the private key is protected by a passphrase; remove it (openssl pkey -in key.pem) and give the result',
  key_mismatch: p =>
    `the private key belongs to another certificate than '${p.subject}'; give the one it was requested with`,
  expired: p => `the certificate '${p.subject}' expired at ${p.notAfter}; give a current one`,
  not_yet_valid: p =>
    `the certificate '${p.subject}' is valid only from ${p.notBefore}; check the clock or wait until then`,
  weak_key: p => `the key of '${p.subject}' is ${p.keyType}; use RSA of at least ${p.min} bits, or P-256`,
  weak_signature: p => `'${p.subject}' is signed with ${p.signature}, which browsers refuse; have it issued again`,
  curve_unsupported: p => `the key of '${p.subject}' is on the curve ${p.curve}; browsers take P-256, P-384 and P-521`,
  key_type_refused: p => `the key of '${p.subject}' is ${p.keyType}, which browsers refuse; use RSA or P-256`,
  not_for_servers: p =>
    `the certificate '${p.subject}' may not be used by servers; have one issued for server authentication`,
  chain_broken: p =>
    `none of the other certificates issued '${p.subject}'; give the chain of its issuer, '${p.issuer}'`,
  names_uncovered: p =>
    `the certificate does not cover ${list(p.missing)}; it covers ${list(p.certified) || 'no names'}`,
}

/** An upload that cannot be served. The message is for logs; readers get the catalogue's text for `reason`. */
export class InvalidUpload extends Error {
  override readonly name = 'InvalidUpload'
  constructor(
    readonly reason: InvalidReason,
    readonly params: Params = {},
  ) {
    super(texts[reason](params))
  }
}

function list(value: Params[string] | undefined): string {
  return Array.isArray(value) ? value.join(', ') : String(value ?? '')
}
