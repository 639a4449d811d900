import type { Message } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { State } from '../state/state.js'
import { AuditKey } from './audit-key.js'
import { canonical, entryHash, genesis } from './canonical.js'
import { type Checkpoint, checkpointSchema, checkpointText } from './checkpoint.js'
import { Checkpoints } from './checkpoints.js'
import { addLeaf, type Peak, root } from './merkle.js'
import { Witnesses } from './witness.js'

/**
 * - `altered`: the text does not have the stored hash. `chain`: the entry does not continue the one before.
 * - `missing`: entries are absent from here. `columns`: a column contradicts the hashed text.
 * - `truncated`: the end is gone, by the head row or a checkpoint. `head`: the head row names another end.
 * - `checkpoint`: history differs from what was signed. `signature`: a checkpoint is not signed by this panel's key.
 * - `broker`: the broker's journal is damaged or shorter than it was; `seq` counts its entries.
 */
export type AuditProblemKind =
  | 'altered'
  | 'chain'
  | 'missing'
  | 'columns'
  | 'truncated'
  | 'head'
  | 'checkpoint'
  | 'signature'
  | 'broker'

export interface AuditReport {
  readonly ok: boolean
  readonly entries: number
  /** End of the log; null when it is empty. */
  readonly head: { readonly seq: number; readonly hash: string; readonly root: string } | null
  /** Checkpoints compared, of the store, of the file and given. */
  readonly checkpoints: number
  /** The first 100. */
  readonly problems: readonly { readonly seq: number; readonly problem: AuditProblemKind }[]
  /** What this verification cannot show, as keys of the catalogue with their values. */
  readonly limits: readonly Message[]
}

interface EntryRow {
  readonly seq: number | string
  readonly previous: string
  readonly hash: string
  readonly body: string
  readonly at: string
  readonly actor: string
  readonly action: string
  readonly target: string | null
  readonly outcome: string
}

const batch = 500
const mostProblems = 100

class Findings {
  readonly problems: { seq: number; problem: AuditProblemKind }[] = []
  add(seq: number, problem: AuditProblemKind): void {
    if (this.problems.length < mostProblems) this.problems.push({ seq, problem })
  }
}

/** Reads the whole log, computes every hash again and compares with everything that was signed. */
@scoped(Lifecycle.ContainerScoped)
export class AuditVerifier {
  constructor(
    private readonly state: State,
    private readonly key: AuditKey,
    private readonly checkpoints: Checkpoints,
    private readonly witnesses: Witnesses,
  ) {}

  async verify(given?: Checkpoint): Promise<AuditReport> {
    const findings = new Findings()
    const known = await this.#known(findings, given)
    const head = await this.#head()
    const walked = await this.#walk(findings, head.seq, known)
    if (walked.seq < head.seq) findings.add(walked.seq + 1, 'truncated')
    else if (walked.hash !== head.hash || root(head.peaks) !== walked.root) findings.add(head.seq, 'head')
    for (const checkpoint of known) if (checkpoint.seq > walked.seq) findings.add(checkpoint.seq, 'truncated')
    await this.#beyondHead(findings)
    const witnessed = await this.#witness(findings, known)
    return {
      ok: findings.problems.length === 0,
      entries: walked.count,
      head: walked.seq ? { seq: walked.seq, hash: walked.hash, root: walked.root } : null,
      checkpoints: known.length,
      problems: findings.problems,
      limits: this.#limits(known, given, walked.seq, witnessed),
    }
  }

  /** Every checkpoint there is whose signature holds. Read before the head, so that none is newer than it. */
  async #known(findings: Findings, given?: Checkpoint): Promise<Checkpoint[]> {
    const rows: { seq: number | string; body: string }[] = await this.state.knex('audit_checkpoints').orderBy('seq')
    const stored = rows.map(row => ({ seq: Number(row.seq), checkpoint: parse(row.body) }))
    const kept = await this.checkpoints.kept()
    for (const checkpoint of [kept, given]) if (checkpoint) stored.push({ seq: checkpoint.seq, checkpoint })
    const known: Checkpoint[] = []
    for (const { seq, checkpoint } of stored) {
      if (checkpoint?.seq === seq && this.#signed(checkpoint)) known.push(checkpoint)
      else findings.add(seq, 'signature')
    }
    return known
  }

  #signed(checkpoint: Checkpoint): boolean {
    return (
      checkpoint.publicKey === this.key.publicKey && this.key.signed(checkpointText(checkpoint), checkpoint.signature)
    )
  }

  async #head(): Promise<{ seq: number; hash: string; peaks: Peak[] }> {
    const row = await this.state.knex('audit_head').first()
    if (!row) return { seq: Number.MAX_SAFE_INTEGER, hash: '', peaks: [] }
    return { seq: Number(row.seq), hash: row.hash, peaks: parsePeaks(row.peaks) }
  }

  async #walk(findings: Findings, until: number, known: readonly Checkpoint[]) {
    const expected = Map.groupBy(known, checkpoint => checkpoint.seq)
    let seq = 0
    let count = 0
    let hash = genesis
    let peaks: Peak[] = []
    for (;;) {
      const rows: EntryRow[] = await this.state
        .knex('audit_entries')
        .where('seq', '>', seq)
        .where('seq', '<=', until)
        .orderBy('seq')
        .limit(batch)
      for (const row of rows) {
        const at = Number(row.seq)
        if (at !== seq + 1) findings.add(seq + 1, 'missing')
        if (row.previous !== hash) findings.add(at, 'chain')
        if (entryHash(row.previous, row.body) !== row.hash) findings.add(at, 'altered')
        else if (!agrees(row, at)) findings.add(at, 'columns')
        seq = at
        hash = row.hash
        count++
        peaks = addLeaf(peaks, hash)
        for (const checkpoint of expected.get(at) ?? []) {
          if (checkpoint.hash !== hash || checkpoint.root !== root(peaks)) findings.add(at, 'checkpoint')
        }
      }
      if (rows.length < batch) return { seq, count, hash, root: root(peaks) }
    }
  }

  /** Entries after the end that the head row names were not written by the panel. */
  async #beyondHead(findings: Findings): Promise<void> {
    const last = await this.state.knex('audit_entries').max({ seq: 'seq' }).first()
    const head = await this.#head()
    if (Number(last?.seq ?? 0) > head.seq) findings.add(head.seq + 1, 'head')
  }

  /** False when there is no witness or it does not answer. */
  async #witness(findings: Findings, known: readonly Checkpoint[]): Promise<boolean> {
    const noted = known.toSorted((a, b) => a.seq - b.seq).findLast(checkpoint => checkpoint.broker)?.broker
    const report = await this.witnesses.current?.verify(noted).catch(() => undefined)
    if (!report) return false
    for (const problem of report.problems) findings.add(problem.seq, 'broker')
    if (!report.ok && report.problems.length === 0) findings.add(report.head.seq, 'broker')
    if (noted && report.head.seq < noted.seq) findings.add(report.head.seq + 1, 'broker')
    if (noted && report.head.publicKey !== noted.publicKey) findings.add(noted.seq, 'broker')
    return true
  }

  #limits(known: readonly Checkpoint[], given: Checkpoint | undefined, seq: number, witnessed: boolean): Message[] {
    const newest = Math.max(0, ...known.map(checkpoint => checkpoint.seq))
    const limits: Message[] = []
    if (seq > newest) limits.push({ code: 'audit.limit.unsigned_tail', params: { from: newest + 1, to: seq } })
    if (!given) limits.push({ code: 'audit.limit.no_outside_checkpoint' })
    if (!witnessed) limits.push({ code: 'audit.limit.no_broker' })
    limits.push({ code: 'audit.limit.panel_taken_over' }, { code: 'audit.limit.never_recorded' })
    return limits
  }
}

function parse(text: string): Checkpoint | null {
  try {
    const { value, error } = checkpointSchema.validate(JSON.parse(text))
    return error ? null : (value ?? null)
  } catch {
    return null
  }
}

function parsePeaks(text: string): Peak[] {
  try {
    return JSON.parse(text) as Peak[]
  } catch {
    return []
  }
}

function agrees(row: EntryRow, seq: number): boolean {
  try {
    const body = JSON.parse(row.body) as Record<string, unknown> & { actor: { id: string } }
    const columns = [seq, row.at, row.actor, row.action, row.target ?? undefined, row.outcome]
    const texts = [body.seq, body.at, body.actor.id, body.action, body.target, body.outcome]
    return canonical(columns) === canonical(texts)
  } catch {
    return false
  }
}
