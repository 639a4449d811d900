import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { toPem } from './split-pem.js'

/** For tests: a certificate with the key that it was made for, and of those it can issue. */
export interface Made {
  readonly certificate: X509Certificate
  readonly keys: CryptoKeyPair
  readonly algorithm: KeyAlgorithm
  /** PEM. */
  readonly pem: string
  readonly key: string
}

type KeyAlgorithm = EcKeyGenParams | RsaHashedKeyGenParams | Algorithm

export interface Wish {
  /** Default: its first name, or `Example`. */
  readonly subject?: string
  readonly names?: readonly string[]
  readonly addresses?: readonly string[]
  /** None: self-signed. */
  readonly issuer?: Made
  readonly ca?: boolean
  readonly from?: string
  readonly to?: string
  readonly algorithm?: KeyAlgorithm
  readonly keys?: CryptoKeyPair
  readonly purposes?: readonly string[]
  readonly serial?: string
}

export const ec256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
export const rsa = (modulusLength: number, hash = 'SHA-256') => ({
  name: 'RSASSA-PKCS1-v1_5',
  hash,
  modulusLength,
  publicExponent: new Uint8Array([1, 0, 1]),
})

export async function made(wish: Wish = {}): Promise<Made> {
  const { names = [], addresses = [], issuer, algorithm = ec256 } = wish
  const generated = wish.keys ?? (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']))
  const keys = generated as CryptoKeyPair
  const subject = `CN=${wish.subject ?? names[0] ?? 'Example'}`
  const certificate = await X509CertificateGenerator.create({
    serialNumber: wish.serial ?? '01ab',
    subject,
    issuer: issuer?.certificate.subject ?? subject,
    notBefore: new Date(wish.from ?? '2026-01-01'),
    notAfter: new Date(wish.to ?? '2026-04-01'),
    publicKey: keys.publicKey,
    signingKey: (issuer ?? { keys }).keys.privateKey,
    signingAlgorithm: issuer?.algorithm ?? algorithm,
    extensions: await extensionsOf(wish, names, addresses, issuer),
  })
  const key = toPem('PRIVATE KEY', new Uint8Array(await crypto.subtle.exportKey('pkcs8', keys.privateKey)))
  return { certificate, keys, algorithm, pem: `${certificate.toString('pem')}\n`, key }
}

async function extensionsOf(
  { ca, purposes }: Wish,
  names: readonly string[],
  addresses: readonly string[],
  issuer: Made | undefined,
): Promise<Extension[]> {
  const alternatives = [
    ...names.map(value => ({ type: 'dns' as const, value })),
    ...addresses.map(value => ({ type: 'ip' as const, value })),
  ]
  return [
    ...(ca === undefined ? [] : [new BasicConstraintsExtension(ca, undefined, true)]),
    ...(purposes ? [new ExtendedKeyUsageExtension([...purposes])] : []),
    ...(alternatives.length > 0 ? [new SubjectAlternativeNameExtension(alternatives)] : []),
    ...(issuer ? [await AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey)] : []),
  ]
}

/** A root, what it issued, and a site's certificate at the end. */
export async function exampleChain(wish: Wish = {}): Promise<{ root: Made; intermediate: Made; leaf: Made }> {
  const root = await made({ subject: 'Example Root', ca: true, to: '2036-01-01' })
  const intermediate = await made({ subject: 'Example R1', ca: true, issuer: root, to: '2030-01-01' })
  const leaf = await made({ names: ['example.test', 'www.example.test'], ca: false, issuer: intermediate, ...wish })
  return { root, intermediate, leaf }
}
