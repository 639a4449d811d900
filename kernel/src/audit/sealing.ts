import { createHash, randomBytes } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { Actor } from '@nusantara/sdk'
import { inject, Lifecycle, scoped } from 'tsyringe'
import type { Config } from '../config/config.js'
import { CONFIG } from '../config/token.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { AuditKey } from './audit-key.js'
import { AuditLog } from './audit-log.js'
import { canonical } from './canonical.js'
import { type ChainEnd, ChainWalk, chainStart, type EntryRow } from './chain.js'
import { trustedCheckpoint } from './checkpoint.js'
import { Checkpoints } from './checkpoints.js'
import { AuditBroken, AuditSegmentUnwritable } from './errors.js'
import { Findings } from './findings.js'
import { addLeaf, type Peak, root } from './merkle.js'
import { removeSealedRows, segmentsWithRows } from './sealed-rows.js'
import {
  endOf,
  entryLine,
  type SegmentHeader,
  type SegmentRow,
  segmentDirectory,
  segmentFilePattern,
  segmentText,
  trustedHeader,
} from './segment.js'
import { writeSegment } from './segment-file.js'

/** A sealed segment as people see it. */
export interface SealedSegment {
  readonly file: string
  readonly first: number
  readonly last: number
  readonly count: number
  readonly root: string
  readonly sealedAt: string
}

/** A segment ends after so many entries, or so much text. */
const longestSegment = 10_000
const largestSegment = 16 * 1024 * 1024
/** Rows read between two turns of the event loop. */
const batch = 250
/** A file that no record names was left by a sealing that was killed, unless one is about to record it. */
const leftoverMs = 3_600_000

interface Draft {
  readonly start: ChainEnd
  readonly rows: readonly EntryRow[]
  readonly end: ChainEnd
}

/**
 * Moves old entries from the table into sealed segment files. In this order, each step durable before the next: the file,
 * its record together with an entry of the log that tells of it, the removal of the rows. Killed after the first, the file
 * is a leftover that means nothing; killed after the second, rows and file agree and the next sealing removes the rows.
 */
@scoped(Lifecycle.ContainerScoped)
export class Sealing {
  readonly #directory: string
  #sealing: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly state: State,
    private readonly clock: Clock,
    private readonly key: AuditKey,
    private readonly checkpoints: Checkpoints,
    private readonly log: AuditLog,
    @inject(CONFIG) config: Config,
  ) {
    this.#directory = segmentDirectory(config)
  }

  /**
   * Seals the entries from the beginning up to the first that is not older than `before`; the newest entry always stays.
   * The log is verified first.
   *
   * @param signal stops between two segments
   * @throws AuditBroken when the log is damaged: what was tampered with is not signed; AuditSegmentUnwritable
   */
  seal(before: Date, actor: Actor, signal?: AbortSignal): Promise<readonly SealedSegment[]> {
    const next = this.#sealing.catch(() => undefined).then(() => this.#seal(before, actor, signal))
    this.#sealing = next
    return next
  }

  /** Oldest first. */
  async list(): Promise<readonly SealedSegment[]> {
    const rows: SegmentRow[] = await this.state.knex('audit_segments').orderBy('last')
    return rows.map(row => shown(row.file, JSON.parse(row.header) as SegmentHeader))
  }

  async #seal(before: Date, actor: Actor, signal?: AbortSignal): Promise<readonly SealedSegment[]> {
    const newest = await this.checkpoints.sign()
    const first = await this.state.knex('audit_entries').orderBy('seq').first('at')
    if (!newest || !first) return []
    const left = await segmentsWithRows(this.state.knex)
    if (left.length === 0 && first.at >= before.toISOString()) return []
    // Before anything is removed: a row or a file may be the only copy of what was tampered with.
    await this.#refuseDamage()
    await this.#tidy()
    const sealed: SealedSegment[] = []
    while (!signal?.aborted) {
      const draft = await this.#draft(before.toISOString(), newest.seq - 1)
      if (!draft) break
      const segment = await this.#sealDraft(draft, actor)
      if (!segment) break
      sealed.push(segment)
    }
    // Covers the entries that tell of the sealing.
    if (sealed.length > 0) await this.checkpoints.sign()
    return sealed
  }

  /** A file that is elsewhere and the broker's journal are no reason to keep the rows. */
  async #refuseDamage(): Promise<void> {
    const { problems } = await this.log.verify()
    const damage = problems.find(({ problem }) => problem !== 'broker' && problem !== 'segment_missing')
    if (damage) throw AuditBroken({ seq: damage.seq })
  }

  /** The next entries to seal; undefined when there are none. @throws AuditBroken */
  async #draft(before: string, until: number): Promise<Draft | undefined> {
    const start = await this.#sealedEnd()
    const findings = new Findings()
    const walk = new ChainWalk(findings, await this.#checkpointsWithin(start.seq, until), start)
    const rows: EntryRow[] = []
    let size = 0
    for await (const row of this.#oldRows(start.seq, until, before)) {
      walk.addRow(row)
      rows.push(row)
      size += row.body.length
      if (rows.length === longestSegment || size >= largestSegment) break
    }
    const [problem] = findings.problems
    if (problem) throw AuditBroken({ seq: problem.seq })
    return rows.length > 0 ? { start, rows, end: walk.end } : undefined
  }

  /** Undefined when another process sealed these entries meanwhile. */
  async #sealDraft(draft: Draft, actor: Actor): Promise<SealedSegment | undefined> {
    const lines = draft.rows.map(entryLine).join('')
    const header = this.#header(draft, lines)
    const directory = this.#directory
    const file = await writeSegment(directory, header, lines).catch((cause: Error) => {
      throw AuditSegmentUnwritable({ directory, reason: cause.message }, { cause })
    })
    const { first, last, previous, hash } = header
    const segment = shown(file, header)
    try {
      await this.state.transaction(async trx => {
        const record: SegmentRow = { first, last, previous, hash, file, header: canonical(header) }
        await trx('audit_segments').insert(record)
        await this.log.append(trx, { actor, action: 'audit.seal', target: file, params: segment, outcome: 'success' })
      })
    } catch (error) {
      // The commit may have happened and only its answer be lost: then the file is the segment. Whatever the answer
      // here, it stays: the commit may still be on its way, and a file without a record is tidied away later.
      const recorded = await this.#isRecorded(file).catch(() => Promise.reject(error))
      if (!recorded && (await this.#sealedEnd()).seq >= last) return undefined
      if (!recorded) throw error
    }
    await this.#removeRows()
    return segment
  }

  #header({ start, rows, end }: Draft, lines: string): SegmentHeader {
    const own = rows.reduce<Peak[]>((peaks, row) => addLeaf(peaks, row.hash), [])
    const unsigned: Omit<SegmentHeader, 'signature'> = {
      format: 'nusantara-audit-segment-1',
      id: randomBytes(16).toString('hex'),
      first: start.seq + 1,
      last: end.seq,
      count: rows.length,
      previous: start.hash,
      hash: end.hash,
      root: root(own),
      peaks: end.peaks,
      digest: createHash('sha256').update(lines).digest('hex'),
      sealedAt: this.clock.now().toISOString(),
      publicKey: this.key.publicKey,
    }
    return { ...unsigned, signature: this.key.sign(segmentText(unsigned)) }
  }

  /** In the order of the log, up to the first that is not old. */
  async *#oldRows(start: number, until: number, before: string): AsyncGenerator<EntryRow, void> {
    for (let after = start; ; await turn()) {
      const rows: EntryRow[] = await this.state
        .knex('audit_entries')
        .where('seq', '>', after)
        .where('seq', '<=', until)
        .orderBy('seq')
        .limit(batch)
      for (const row of rows) {
        if (row.at >= before) return
        after = Number(row.seq)
        yield { ...row, seq: after }
      }
      if (rows.length < batch) return
    }
  }

  async #checkpointsWithin(after: number, until: number) {
    const rows: { seq: number | string; body: string }[] = await this.state
      .knex('audit_checkpoints')
      .where('seq', '>', after)
      .where('seq', '<=', until)
    return rows.flatMap(row => trustedCheckpoint(row.body, this.key.publicKey) ?? [])
  }

  /** Where the newest segment ends. @throws AuditBroken when its record is not ours */
  async #sealedEnd(): Promise<ChainEnd> {
    const row: SegmentRow | undefined = await this.state.knex('audit_segments').orderBy('last', 'desc').first()
    if (!row) return chainStart
    const header = trustedHeader(row.header, this.key.publicKey)
    if (header?.last !== Number(row.last)) throw AuditBroken({ seq: Number(row.last) })
    return endOf(header)
  }

  async #isRecorded(file: string): Promise<boolean> {
    return (await this.state.knex('audit_segments').where({ file }).first('file')) !== undefined
  }

  #removeRows(): Promise<void> {
    return removeSealedRows(this.state.knex, this.#directory, this.key.publicKey)
  }

  /** Finishes what a killed sealing left in a log that verified: rows that are sealed, files that are not recorded. */
  async #tidy(): Promise<void> {
    await this.#removeRows()
    const recorded = new Set((await this.state.knex('audit_segments').select('file')).map(row => row.file as string))
    const names = await readdir(this.#directory).catch(() => [])
    for (const name of names) {
      if (!segmentFilePattern.test(name.replace(/\.new$/, '')) || recorded.has(name)) continue
      const path = join(this.#directory, name)
      const found = await stat(path).catch(() => undefined)
      if (found && Date.now() - found.mtimeMs > leftoverMs) await rm(path, { force: true })
    }
  }
}

function shown(file: string, { first, last, count, root, sealedAt }: SegmentHeader): SealedSegment {
  return { file, first, last, count, root, sealedAt }
}
