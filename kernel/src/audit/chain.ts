import { canonical, entryHash, genesis } from './canonical.js'
import type { Checkpoint } from './checkpoint.js'
import type { Findings } from './findings.js'
import { addLeaf, type Peak, root } from './merkle.js'

/** What the hash of an entry covers, as it is stored and as it is sealed and exported. */
export interface ChainEntry {
  readonly seq: number
  readonly previous: string
  readonly hash: string
  /** Canonical JSON. */
  readonly body: string
}

/** An entry in the table, with the columns that repeat parts of its text. */
export interface EntryRow extends ChainEntry {
  readonly at: string
  readonly actor: string
  readonly action: string
  readonly target: string | null
  readonly outcome: string
}

/** Where a walk along the log stands. */
export interface ChainEnd {
  readonly seq: number
  readonly hash: string
  readonly peaks: readonly Peak[]
}

export const chainStart: ChainEnd = { seq: 0, hash: genesis, peaks: [] }

/** Goes along the log entry by entry, computes every hash again and compares with what was signed. */
export class ChainWalk {
  #end: ChainEnd
  #entries = 0
  readonly #expected: ReadonlyMap<number, readonly Checkpoint[]>

  constructor(
    private readonly findings: Findings,
    checkpoints: readonly Checkpoint[],
    start: ChainEnd = chainStart,
  ) {
    this.#end = start
    this.#expected = Map.groupBy(checkpoints, checkpoint => checkpoint.seq)
  }

  get end(): ChainEnd {
    return this.#end
  }

  /** How many were seen. */
  get entries(): number {
    return this.#entries
  }

  /** @param segment file that the entry was read from; absent for the table */
  add(entry: ChainEntry, segment?: string): void {
    const { seq, hash, peaks } = this.#end
    if (entry.seq !== seq + 1) this.findings.add(seq + 1, 'missing', segment)
    if (entry.previous !== hash) this.findings.add(entry.seq, 'chain', segment)
    if (entryHash(entry.previous, entry.body) !== entry.hash) this.findings.add(entry.seq, 'altered', segment)
    this.#entries++
    this.#moveTo({ seq: entry.seq, hash: entry.hash, peaks: addLeaf(peaks, entry.hash) }, segment)
  }

  /** The same, and the columns beside the text. */
  addRow(row: EntryRow): void {
    this.add(row)
    if (!columnsAgree(row)) this.findings.add(row.seq, 'columns')
  }

  /** Goes on after entries that could not be read, or could not be believed, at a place that is signed. */
  skipTo(end: ChainEnd, segment: string): void {
    if (canonical(end) !== canonical(this.#end)) this.#moveTo(end, segment)
  }

  #moveTo(end: ChainEnd, segment?: string): void {
    this.#end = end
    for (const checkpoint of this.#expected.get(end.seq) ?? []) {
      if (checkpoint.hash !== end.hash || checkpoint.root !== root(end.peaks)) {
        this.findings.add(end.seq, 'checkpoint', segment)
      }
    }
  }
}

/** An entry whose text is altered contradicts its columns as a rule, too; one whose text is not JSON always does. */
export function columnsAgree(row: EntryRow): boolean {
  try {
    const body = JSON.parse(row.body) as Record<string, unknown> & { actor: { id: string } }
    const columns = [row.seq, row.at, row.actor, row.action, row.target ?? undefined, row.outcome]
    const texts = [body.seq, body.at, body.actor.id, body.action, body.target, body.outcome]
    return canonical(columns) === canonical(texts)
  } catch {
    return false
  }
}
