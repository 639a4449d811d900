import { ChainWalk, columnsAgree, type EntryRow } from './chain.js'
import { type Checkpoint, isSigned, trustedCheckpoint } from './checkpoint.js'
import { type AuditProblem, Findings } from './findings.js'
import type { LogReader } from './log-reader.js'
import { root } from './merkle.js'
import { endOf, entryLine, recordAgrees, type SegmentHeader, type SegmentRow, trustedHeader } from './segment.js'
import { readSegment, SegmentDamage } from './segment-file.js'

export interface ChainQuestion {
  /** The panel's own key. */
  readonly publicKey: string
  readonly segmentDir: string
  /** The checkpoint in the file beside the store. */
  readonly kept: Checkpoint | null
  /** One that was kept elsewhere. */
  readonly given: Checkpoint | null
}

export interface ChainReport {
  /** Read and computed again, of segments and table. */
  readonly entries: number
  readonly segments: number
  readonly head: { readonly seq: number; readonly hash: string; readonly root: string } | null
  /** Those whose signature holds, which were compared. */
  readonly checkpoints: readonly Checkpoint[]
  readonly problems: readonly AuditProblem[]
}

const batch = 500

/** Reads sealed segments and table as one chain, computes every hash again and compares with everything that was signed. */
export async function verifyChain(log: LogReader, question: ChainQuestion): Promise<ChainReport> {
  await log.freeze()
  const findings = new Findings()
  const checkpoints = await knownCheckpoints(log, question, findings)
  const head = await log.head()
  const segments = await log.segments(0)
  const walk = new ChainWalk(findings, checkpoints)
  for (const segment of segments) await walkSegment(log, question, segment, walk, findings)
  await walkTable(log, walk, head?.seq ?? Number.MAX_SAFE_INTEGER)
  const { seq, hash, peaks } = walk.end
  if (!head || seq < head.seq) findings.add(seq + 1, 'truncated')
  else if (hash !== head.hash || root(head.peaks) !== root(peaks)) findings.add(head.seq, 'head')
  for (const checkpoint of checkpoints) if (checkpoint.seq > seq) findings.add(checkpoint.seq, 'truncated')
  // Entries after the end that the head row names were not written by the panel.
  if (head && (await log.entries(head.seq, 1)).length > 0) findings.add(head.seq + 1, 'head')
  return {
    entries: walk.entries,
    segments: segments.length,
    head: seq ? { seq, hash, root: root(peaks) } : null,
    checkpoints,
    problems: findings.problems,
  }
}

/** Every checkpoint there is whose signature holds. */
async function knownCheckpoints(log: LogReader, question: ChainQuestion, findings: Findings): Promise<Checkpoint[]> {
  const known: Checkpoint[] = []
  for (const { seq, body } of await log.checkpoints()) {
    const checkpoint = trustedCheckpoint(body, question.publicKey)
    if (checkpoint?.seq === seq) known.push(checkpoint)
    else findings.add(seq, 'signature')
  }
  const { kept, given } = question
  if (kept && kept.publicKey === question.publicKey && isSigned(kept)) known.push(kept)
  else if (kept) findings.add(kept.seq, 'signature')
  if (given && isSigned(given)) {
    // What was kept elsewhere is believed: a panel with another key is what has to explain itself.
    if (given.publicKey !== question.publicKey) findings.add(given.seq, 'key')
    known.push(given)
  } else if (given) findings.add(given.seq, 'signature')
  return known
}

async function walkSegment(
  log: LogReader,
  question: ChainQuestion,
  row: SegmentRow,
  walk: ChainWalk,
  findings: Findings,
): Promise<void> {
  const header = trustedHeader(row.header, question.publicKey)
  if (!header) {
    findings.add(row.first, 'segment_signature', row.file)
    return
  }
  if (!recordAgrees(row, header)) findings.add(row.first, 'segment_order', row.file)
  const leftovers = await leftoversOf(log, header)
  try {
    for await (const entry of readSegment(question.segmentDir, row.file, header)) {
      walk.add(entry, row.file)
      const leftover = leftovers.get(entry.seq)
      const same = !leftover || (entryLine(leftover) === entryLine(entry) && columnsAgree(leftover))
      if (!same) findings.add(entry.seq, 'sealed', row.file)
    }
  } catch (error) {
    if (!(error instanceof SegmentDamage)) throw error
    findings.add(Math.min(walk.end.seq + 1, header.last), error.kind, row.file)
  }
  walk.skipTo(endOf(header), row.file)
}

/** Entries that were sealed and are still in the table, because whoever removed them was interrupted, by number. */
async function leftoversOf(log: LogReader, { first, last }: SegmentHeader): Promise<ReadonlyMap<number, EntryRow>> {
  const found = new Map<number, EntryRow>()
  for (let after = first - 1; ; ) {
    const rows = await log.entries(after, batch)
    for (const row of rows) if (row.seq <= last) found.set(row.seq, row)
    after = rows.at(-1)?.seq ?? last
    if (rows.length < batch || after >= last) return found
  }
}

async function walkTable(log: LogReader, walk: ChainWalk, until: number): Promise<void> {
  for (;;) {
    const rows = await log.entries(walk.end.seq, batch)
    for (const row of rows) {
      if (row.seq > until) return
      walk.addRow(row)
    }
    if (rows.length < batch) return
  }
}
