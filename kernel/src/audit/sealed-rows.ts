import { setImmediate as turn } from 'node:timers/promises'
import type { Knex } from '@nusantara/sdk'
import type { EntryRow } from './chain.js'
import { AuditBroken } from './errors.js'
import { entryLine, recordAgrees, type SegmentRow, trustedHeader } from './segment.js'
import { readSegment, SegmentDamage } from './segment-file.js'

/** Rows compared, and deleted, between two turns of the event loop. */
const batch = 250

/** The records of segments that have, or may have, rows left in the table; in the order of the log. */
export async function segmentsWithRows(knex: Knex): Promise<readonly SegmentRow[]> {
  const oldest = await knex('audit_entries').min({ seq: 'seq' }).first()
  if (!oldest?.seq) return []
  const rows: SegmentRow[] = await knex('audit_segments').where('last', '>=', oldest.seq).orderBy('last')
  return rows.map(row => ({ ...row, first: Number(row.first), last: Number(row.last) }))
}

/**
 * Takes sealed entries out of the table, a few at a time, so that nobody waits long for the store. A row goes only when
 * the file of its segment was read to the end, is what the panel signed, and holds the same entry: a record alone could
 * be anybody's.
 *
 * @throws AuditBroken with rows kept when a record is not signed, its file is not whole, or a row differs from its copy
 */
export async function removeSealedRows(knex: Knex, directory: string, publicKey: string): Promise<void> {
  for (const segment of await segmentsWithRows(knex)) {
    const copies = await sealedLines(segment, directory, publicKey)
    for (let after = segment.first - 1; ; await turn()) {
      const rows: EntryRow[] = await knex('audit_entries')
        .where('seq', '>', after)
        .where('seq', '<=', segment.last)
        .orderBy('seq')
        .limit(batch)
      const found = rows.map(row => ({ ...row, seq: Number(row.seq) }))
      const differing = found.find(row => copies.get(row.seq) !== entryLine(row))
      if (differing) throw AuditBroken({ seq: differing.seq })
      const numbers = found.map(row => row.seq)
      if (numbers.length > 0) await knex('audit_entries').whereIn('seq', numbers).delete()
      if (numbers.length < batch) break
      after = numbers.at(-1) as number
    }
  }
}

/** Number → line of every entry of the segment, once the whole file agrees with its signed header. @throws AuditBroken */
async function sealedLines(
  segment: SegmentRow,
  directory: string,
  publicKey: string,
): Promise<ReadonlyMap<number, string>> {
  const header = trustedHeader(segment.header, publicKey)
  if (!header || !recordAgrees(segment, header)) throw AuditBroken({ seq: segment.first })
  const found = new Map<number, string>()
  try {
    for await (const entry of readSegment(directory, segment.file, header)) found.set(entry.seq, entryLine(entry))
  } catch (cause) {
    if (cause instanceof SegmentDamage) throw AuditBroken({ seq: segment.first }, { cause })
    throw cause
  }
  return found
}
