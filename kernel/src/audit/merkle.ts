import { createHash } from 'node:crypto'

/** A complete subtree: `size` leaves, a power of two. */
export interface Peak {
  readonly size: number
  readonly hash: string
}

const sha256 = (...parts: Buffer[]) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}
const leafPrefix = Buffer.of(0)
const nodePrefix = Buffer.of(1)
const node = (left: string, right: string) => sha256(nodePrefix, Buffer.from(left, 'hex'), Buffer.from(right, 'hex'))

/** Peaks after one more leaf (RFC 9162 §2.1.1 hashing: leaves and nodes have different prefixes). */
export function addLeaf(peaks: readonly Peak[], entryHash: string): Peak[] {
  const next = [...peaks]
  let peak: Peak = { size: 1, hash: sha256(leafPrefix, Buffer.from(entryHash, 'hex')) }
  for (let last = next.at(-1); last?.size === peak.size; last = next.at(-1)) {
    next.pop()
    peak = { size: peak.size * 2, hash: node(last.hash, peak.hash) }
  }
  next.push(peak)
  return next
}

/** The tree's root. Of no leaves: the hash of nothing (RFC 9162 §2.1.1). */
export function root(peaks: readonly Peak[]): string {
  const last = peaks.at(-1)
  if (!last) return sha256()
  return peaks.slice(0, -1).reduceRight((right, left) => node(left.hash, right), last.hash)
}
