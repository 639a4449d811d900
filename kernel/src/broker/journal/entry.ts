import { hash as digest } from 'node:crypto'
import type { JournalEntry } from '../protocol.js'

/** `previous` of the first entry. */
export const genesis = '0'.repeat(64)

const tail = /,"hash":"([0-9a-f]{64})"\}$/

/** One line of a segment. The hash is over the text as stored, so no second serialization can disagree with it. */
export function seal(entry: Omit<JournalEntry, 'hash'>): { readonly line: string; readonly hash: string } {
  const body = JSON.stringify(entry)
  const hash = digest('sha256', body)
  return { line: `${body.slice(0, -1)},"hash":"${hash}"}\n`, hash }
}

/** Reads a stored line (without its newline). Undefined when it is no entry or its hash is not that of its text. */
export function unseal(line: string): JournalEntry | undefined {
  const found = tail.exec(line)
  if (!found) return undefined
  const body = `${line.slice(0, found.index)}}`
  if (digest('sha256', body) !== found[1]) return undefined
  try {
    return JSON.parse(line) as JournalEntry
  } catch {
    return undefined
  }
}
