import { X509Certificate } from 'node:crypto'
import { spkiOf } from '../keys/key-store.js'
import { Refused } from './derivation.js'
import type { RenderedArgument } from './format.js'

const base64 = /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const most = 10

/**
 * A certificate and its chain as PEM (RFC 7468), or one piece of that.
 *
 * @param value DER in base64, leaf first, separated by a space
 * @throws Refused for what is no certificate, or does not follow from the one before it
 */
export function certificates(
  value: string,
  part: { readonly index: number; readonly bytes: number } | undefined,
): RenderedArgument {
  const texts = value.split(' ')
  if (texts.length > most) throw new Refused(`has more than ${most} certificates`)
  const chain = texts.map((text, index) => {
    try {
      if (!base64.test(text)) throw new Error('no base64')
      return new X509Certificate(Buffer.from(text, 'base64'))
    } catch {
      throw new Refused(`has no certificate at ${index + 1}: give DER in base64`)
    }
  })
  chain.slice(1).forEach((issuer, index) => {
    if (!chain[index]?.checkIssued(issuer)) throw new Refused(`has at ${index + 2} not the issuer of the one before it`)
  })
  const [leaf] = chain as [X509Certificate]
  const whole = chain.map(each => each.toString()).join('')
  const all = part ? pieces(whole, part.bytes) : [whole]
  const index = part?.index ?? 0
  const proof = {
    spki: spkiOf(leaf.publicKey).hash,
    fingerprint: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    chain: { whole: value, index, of: all.length },
  }
  return { text: all[index] ?? '', quote: true, lines: true, proof }
}

/** Whole lines, as many in each piece as fit when a line break takes two bytes. */
function pieces(pem: string, bytes: number): string[] {
  const out: string[] = []
  let piece = ''
  let length = 0
  for (const line of pem.split(/(?<=\n)/)) {
    if (length + line.length + 1 > bytes) {
      out.push(piece)
      piece = ''
      length = 0
    }
    piece += line
    length += line.length + 1
  }
  return [...out, piece]
}
