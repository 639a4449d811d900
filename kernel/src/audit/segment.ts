import { join } from 'node:path'
import type { Config } from '../config/config.js'
import { canonical } from './canonical.js'
import type { ChainEnd, ChainEntry } from './chain.js'
import type { Peak } from './merkle.js'
import { signedBy } from './signature.js'

/** What a sealed segment holds, signed; the first line of its file and a record in the store. */
export interface SegmentHeader {
  readonly format: 'nusantara-audit-segment-1'
  /** Random, so that two sealings of the same entries never share a file. */
  readonly id: string
  readonly first: number
  readonly last: number
  readonly count: number
  /** Hash of the entry before the first. */
  readonly previous: string
  /** Hash of the last entry. */
  readonly hash: string
  /** Root of the Merkle tree over the hashes of these entries. */
  readonly root: string
  /** Peaks of the whole log's tree after the last entry, so that a check can go on where a file is missing. */
  readonly peaks: readonly Peak[]
  /** SHA-256 of the entries' lines, hexadecimal. */
  readonly digest: string
  readonly sealedAt: string
  /** Ed25519, SPKI, base64. */
  readonly publicKey: string
  /** Ed25519 over the canonical text of everything above, base64. */
  readonly signature: string
}

/** A row of `audit_segments`. Its columns repeat parts of the header, for the triggers. */
export interface SegmentRow {
  readonly last: number
  readonly first: number
  readonly previous: string
  readonly hash: string
  readonly file: string
  /** Canonical JSON of the {@link SegmentHeader}. */
  readonly header: string
}

/** The text that is signed. */
export function segmentText(header: Omit<SegmentHeader, 'signature'> & { readonly signature?: string }): string {
  return canonical({ ...header, signature: undefined })
}

/** A header that `publicKey` signed; null for anything else. */
export function trustedHeader(text: string, publicKey: string): SegmentHeader | null {
  try {
    const header = JSON.parse(text) as SegmentHeader
    const ours = header.format === 'nusantara-audit-segment-1' && header.publicKey === publicKey
    return ours && signedBy(publicKey, segmentText(header), header.signature) ? header : null
  } catch {
    return null
  }
}

/** Whether the columns of a record, their numbers read as numbers, say what its signed header says. */
export function recordAgrees(row: SegmentRow, header: SegmentHeader): boolean {
  const signed = [header.first, header.last, header.previous, header.hash, segmentFileName(header)]
  return canonical(signed) === canonical([row.first, row.last, row.previous, row.hash, row.file])
}

/** Where the log stands after the segment. */
export function endOf(header: SegmentHeader): ChainEnd {
  return { seq: header.last, hash: header.hash, peaks: header.peaks }
}

/** One line of a segment and of an export. */
export function entryLine({ seq, previous, hash, body }: ChainEntry): string {
  return `${canonical({ seq, previous, hash, body })}\n`
}

/** `audit-<first>-<last>-<beginning of the id>.ndjson.gz`, so that names sort as the log goes. */
export function segmentFileName({ id, first, last }: SegmentHeader): string {
  const [from, to] = [first, last].map(seq => String(seq).padStart(12, '0'))
  return `audit-${from}-${to}-${id.slice(0, 12)}.ndjson.gz`
}

export const segmentFilePattern = /^audit-\d{12,16}-\d{12,16}-[0-9a-f]{12}\.ndjson\.gz$/

/** `audit.segmentDir`, default `<home>/audit-segments`. */
export function segmentDirectory(config: Pick<Config, 'home' | 'audit'>): string {
  return config.audit?.segmentDir ?? join(config.home, 'audit-segments')
}
