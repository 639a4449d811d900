import { X509Certificate } from 'node:crypto'
import { CertificateWrong } from '../errors.js'
import { factsOf, hasIssued } from '../pem/certificate-facts.js'
import { coverage } from '../pem/names.js'
import { splitPem } from '../pem/split-pem.js'

export interface Ordered {
  readonly authority: string
  readonly names: readonly string[]
  /** SHA-256 of the public key that was asked for, hex. */
  readonly spki: string
  readonly now: Date
}

/** Clocks differ. Milliseconds. */
const tolerance = 5 * 60_000
const mostCertificates = 10

/**
 * What an authority sent, of which nothing is believed: it must be what was ordered.
 *
 * @returns DER in base64, leaf first, each issued by the next
 * @throws ssl.certificate_wrong
 */
export function judgeIssued(pem: string, { authority, names, spki, now }: Ordered): readonly string[] {
  const wrong = (reason: string) => CertificateWrong({ authority, reason })
  const blocks = splitPem(pem).filter(({ label }) => label === 'CERTIFICATE')
  if (blocks.length === 0) throw wrong('it holds no certificate')
  if (blocks.length > mostCertificates) throw wrong(`it holds more than ${mostCertificates} certificates`)
  const chain = blocks.map(({ der }) => {
    try {
      return new X509Certificate(der)
    } catch {
      throw wrong('it cannot be read')
    }
  })
  const [leaf, ...issuers] = chain as [X509Certificate, ...X509Certificate[]]
  const facts = factsOf(leaf)
  if (facts.spki256 !== spki) throw wrong('it is for another key')
  const { missing } = coverage(facts, names)
  if (missing.length > 0) throw wrong(`it is not for ${missing.join(', ')}`)
  if (Date.parse(facts.notBefore) > now.getTime() + tolerance) throw wrong(`it begins at ${facts.notBefore}`)
  if (Date.parse(facts.notAfter) <= now.getTime()) throw wrong(`it ended at ${facts.notAfter}`)
  issuers.forEach((issuer, index) => {
    if (!hasIssued(issuer, chain[index] as X509Certificate)) throw wrong('its chain does not follow')
  })
  return blocks.map(({ der }) => der.toString('base64'))
}
