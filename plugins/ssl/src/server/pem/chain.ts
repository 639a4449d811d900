import type { X509Certificate } from 'node:crypto'
import { hasIssued, isSelfSigned } from './certificate-facts.js'

export interface Chain {
  /** Leaf first, each issued by the next; a root is left out, because whoever trusts it has it. */
  readonly chain: readonly X509Certificate[]
  /** Given, but no part of the chain. */
  readonly unrelated: readonly X509Certificate[]
}

/**
 * Orders certificates from the leaf upwards. Where several could have issued one (a root and its cross-signed form), a
 * current one is preferred, then one that leads on.
 */
export function buildChain(leaf: X509Certificate, others: readonly X509Certificate[], now: Date): Chain {
  const chain = [leaf]
  let pool = others.filter(other => !other.raw.equals(leaf.raw))
  let last = leaf
  while (!isSelfSigned(last)) {
    const [issuer] = pool.filter(candidate => hasIssued(candidate, last)).toSorted(byUse(now))
    if (!issuer) break
    pool = pool.filter(candidate => candidate !== issuer)
    last = issuer
    if (!isSelfSigned(issuer)) chain.push(issuer)
  }
  return { chain, unrelated: pool }
}

function byUse(now: Date): (a: X509Certificate, b: X509Certificate) => number {
  const rank = (certificate: X509Certificate) =>
    (isCurrent(certificate, now) ? 0 : 2) + (isSelfSigned(certificate) ? 1 : 0)
  return (a, b) => rank(a) - rank(b)
}

export function isCurrent(certificate: X509Certificate, now: Date): boolean {
  return certificate.validFromDate <= now && now <= certificate.validToDate
}

/** The certificates that issued no other one and are no authorities; where all are authorities, those that issued none. */
export function leavesOf(certificates: readonly X509Certificate[]): X509Certificate[] {
  const ends = certificates.filter(one => !certificates.some(other => other !== one && hasIssued(one, other)))
  const leaves = ends.filter(({ ca }) => !ca)
  return leaves.length > 0 ? leaves : ends
}
