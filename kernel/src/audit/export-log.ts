import { isBelow } from '../state/below.js'
import type { AuditFilter, AuditRecord } from './audit-log.js'
import type { ChainEntry } from './chain.js'
import type { LogReader } from './log-reader.js'
import { entryLine, type SegmentRow, trustedHeader } from './segment.js'
import { readSegment, SegmentDamage } from './segment-file.js'

const batch = 500

/**
 * The lines of an export in pieces, sealed segments first. Each piece is read when it is asked for, without a snapshot: a
 * slow reader must not keep the store from tidying up.
 */
export async function* exportLog(
  log: LogReader,
  segmentDir: string,
  publicKey: string,
  filter: AuditFilter,
): AsyncGenerator<string, void> {
  const pass = passing(filter)
  for (let after = 0; ; ) {
    const [segment] = await log.segments(after)
    if (segment) {
      for await (const entries of inBatches(segmentEntries(segment, segmentDir, publicKey))) {
        const wanted = entries.filter(entry => entry.seq > after && pass(entry))
        yield wanted.map(entryLine).join('')
      }
      after = segment.last
      continue
    }
    const rows = await log.entries(after, batch)
    // Sealed since we looked: what was removed from the table meanwhile is in the segment.
    if ((await log.segments(after)).length > 0) continue
    const last = rows.at(-1)
    if (!last) return
    yield rows.filter(pass).map(entryLine).join('')
    after = last.seq
  }
}

/** @throws Error naming the file: an export that silently lacks a part would be mistaken for the whole */
async function* segmentEntries(row: SegmentRow, directory: string, publicKey: string): AsyncGenerator<ChainEntry> {
  try {
    const header = trustedHeader(row.header, publicKey)
    if (!header) throw new SegmentDamage('segment_signature')
    yield* readSegment(directory, row.file, header)
  } catch (error) {
    if (!(error instanceof SegmentDamage)) throw error
    throw new Error(`audit segment ${row.file}: ${error.kind}`, { cause: error })
  }
}

async function* inBatches<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let together: T[] = []
  for await (const item of items) {
    together.push(item)
    if (together.length < batch) continue
    yield together
    together = []
  }
  yield together
}

function passing(filter: AuditFilter): (entry: ChainEntry) => boolean {
  const { actor, action, target, outcome, since, until } = filter
  if ([actor, action, target, outcome, since, until].every(part => part === undefined)) return () => true
  return ({ body }) => {
    const record = JSON.parse(body) as AuditRecord
    return (
      (actor === undefined || isBy(record.actor, actor)) &&
      (action === undefined || isBelow(record.action, action)) &&
      (target === undefined || record.target === target) &&
      (outcome === undefined || record.outcome === outcome) &&
      (since === undefined || record.at >= since) &&
      (until === undefined || record.at <= until)
    )
  }
}

function isBy({ id, name }: AuditRecord['actor'], wanted: string): boolean {
  const [own, asked] = [name.toLowerCase(), wanted.toLowerCase()]
  return id === wanted || own === asked || own.startsWith(`${asked}/`)
}
