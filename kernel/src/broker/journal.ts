import { mkdir } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { JournalFull, Problem } from './errors.js'
import { beginning, type Draft, type Position, sealAll } from './journal/chain.js'
import { Durable } from './journal/durable.js'
import { unseal } from './journal/entry.js'
import { JournalKey } from './journal/key.js'
import { redact } from './journal/redact.js'
import { SegmentFile } from './journal/segment-file.js'
import { lines, segments } from './journal/segments.js'
import { type VerifyReport, verifyJournal } from './journal/verify.js'
import type { AuditHead, JournalEntry, Origin } from './protocol.js'
import { readStateFile, writeStateFile } from './state-file.js'

export interface JournalOptions {
  readonly directory: string
  /** File of the signing key; made when absent. */
  readonly keyFile: string
  /** Where the newest signed head is kept beside the journal, so that a cut tail shows. */
  readonly headFile: string
  /** Bytes after which a new segment begins. Default 16 MiB. */
  readonly segmentBytes?: number
  /** Entries after which a checkpoint is written by itself. Default 1000. */
  readonly checkpointEvery?: number
  readonly now?: () => Date
  /** Makes entries durable. Default fdatasync(2), see {@link Durable}. */
  readonly durable?: Pick<Durable, 'sync'>
}

interface Waiting {
  readonly draft: Draft
  readonly durable: boolean
  readonly done: (seq: number) => void
  readonly refused: (error: Error) => void
}

/**
 * The broker's own record of what it was asked and what came of it: append-only, hash-chained NDJSON segments.
 *
 * An intent is on the disk before the work begins; intents that arrive together share one fsync. A disk that takes
 * no entry refuses every mutation with `journal_full`, and the chain goes on from the last entry that was kept.
 */
export class Journal {
  readonly #options: JournalOptions
  readonly #key: JournalKey
  readonly #now: () => Date
  readonly #segment: SegmentFile
  /** The newest entry that is written. */
  #kept: Position = beginning()
  #sinceCheckpoint = 0
  #checkpoint: AuditHead | undefined
  /** Whether the newest entry is a checkpoint. */
  #endsSigned = false
  #queue: Waiting[] = []
  #writing: Promise<void> | undefined
  /** Methods of intents without a result. */
  readonly #open = new Map<number, string>()

  private constructor(options: JournalOptions) {
    this.#options = options
    this.#key = new JournalKey(options.keyFile)
    this.#now = options.now ?? (() => new Date())
    const { directory, segmentBytes = 16 * 1024 * 1024, durable = new Durable() } = options
    this.#segment = new SegmentFile(directory, segmentBytes, durable)
  }

  /**
   * Opens the journal, cutting off a last line that a crash tore. Only the newest segment is read: its first entry
   * carries what came before. Intents without a result are listed by {@link openIntents}.
   */
  static async open(options: JournalOptions): Promise<Journal> {
    await mkdir(options.directory, { recursive: true, mode: 0o700 })
    const journal = new Journal(options)
    const kept = await journal.#segment.load(
      ({ seq, method }) => journal.#open.set(seq, method),
      entry => journal.#note(entry, entry.seq),
    )
    if (kept) journal.#kept = kept
    return journal
  }

  /** Records what is about to be done; durable when the promise resolves. @throws journal_full */
  intent(method: string, origin: Origin | undefined, params: unknown): Promise<number> {
    return this.#append(
      { kind: 'intent', method, ...(origin && { origin: pickOrigin(origin) }), params: redact(params) },
      true,
    )
  }

  /**
   * Records what came of an intent. Written a moment later, once for all that ended meanwhile, and durable with the next
   * intent.
   */
  async result(seq: number, outcome: string, data?: unknown): Promise<void> {
    const method = this.#open.get(seq) ?? 'unknown'
    const draft: Draft = {
      kind: 'result',
      method,
      of: seq,
      outcome,
      ...(data !== undefined && { params: redact(data) }),
    }
    await this.#append(draft, false)
  }

  /** Records an event that is no request: a policy decision, or what recovery found. Durable. @throws journal_full */
  record(kind: 'policy' | 'recovery', method: string, params: unknown): Promise<number> {
    return this.#append({ kind, method, params: redact(params) }, true)
  }

  /**
   * Intent, work, result: the outcome is `ok` or the code of the problem that the work threw. Nobody waits for the
   * result's entry: without it, on a disk that became full or after a crash, the intent stays open and says so.
   */
  async around<T>(
    method: string,
    origin: Origin | undefined,
    params: unknown,
    run: (seq: number) => Promise<T>,
    data?: (result: T) => unknown,
  ): Promise<T> {
    const seq = await this.intent(method, origin, params)
    try {
      const result = await run(seq)
      this.#resultAfterwards(seq, 'ok', data?.(result))
      return result
    } catch (error) {
      const known = error instanceof Problem ? error : undefined
      this.#resultAfterwards(seq, known?.code ?? 'internal', known?.params)
      throw error
    }
  }

  /** Intents without a result: what a former broker was doing when it ended. */
  openIntents(): readonly number[] {
    return [...this.#open.keys()]
  }

  /** Writes a signed checkpoint into the journal and beside it. */
  async checkpoint(): Promise<AuditHead> {
    await this.#append({ kind: 'checkpoint', method: 'audit.checkpoint' }, true)
    return this.#checkpoint as AuditHead
  }

  /** As {@link checkpoint}, unless the newest entry is one: a broker that only answered questions leaves no entry behind. */
  async checkpointNews(): Promise<void> {
    await this.flush()
    if (!this.#endsSigned) await this.checkpoint()
  }

  /** The newest durable entry with the root over all entries, signed. */
  async head(): Promise<AuditHead> {
    await this.flush()
    return this.#signed(this.#kept)
  }

  /** Reads everything again and compares it with the signatures, the head kept beside it and a checkpoint kept elsewhere. */
  async verify(checkpoint?: AuditHead): Promise<VerifyReport> {
    const head = await this.head()
    const beside = readStateFile(this.#options.headFile) as AuditHead | undefined
    return verifyJournal({
      directory: this.#options.directory,
      head,
      publicKey: this.#key.publicKey,
      beside,
      checkpoint,
    })
  }

  /** All entries, oldest first, up to what was durable when the reading began. */
  async *entries(): AsyncGenerator<JournalEntry> {
    await this.flush()
    const last = this.#kept.seq
    for (const { file } of segments(this.#options.directory))
      for await (const { line, complete } of lines(file)) {
        const entry = complete ? unseal(line) : undefined
        if (entry && entry.seq <= last) yield entry
      }
  }

  /** Waits until everything handed in so far is written. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing
  }

  async close(): Promise<void> {
    await this.flush()
    await this.#segment.close()
  }

  #resultAfterwards(seq: number, outcome: string, data: unknown): void {
    this.result(seq, outcome, data).catch((error: Error) =>
      process.stderr.write(`journal: the result of entry ${seq} is not recorded: ${error.message}\n`),
    )
  }

  #append(draft: Draft, durable: boolean): Promise<number> {
    const done = new Promise<number>((done, refused) => this.#queue.push({ draft, durable, done, refused }))
    // Requests that were read together wait together; what nobody waits for lets the answers go first.
    this.#writing ??= this.#drain(durable ? Promise.resolve() : setImmediate())
    return done
  }

  /** One write and one fsync for all that waits; what arrives meanwhile forms the next batch. */
  async #drain(begin: Promise<void>): Promise<void> {
    await begin
    while (this.#queue.length) {
      const batch = this.#queue
      this.#queue = []
      if (this.#sinceCheckpoint >= (this.#options.checkpointEvery ?? 1000)) batch.push(checkpointByItself())
      try {
        const seqs = await this.#write(batch)
        for (const [index, entry] of batch.entries()) entry.done(seqs[index] as number)
      } catch (cause) {
        // Nothing of the batch counts: the chain stands where it stood.
        const code = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message
        for (const entry of batch) entry.refused(JournalFull({ cause: code }, { cause }))
      }
    }
    // In the same turn as the look at the empty queue, or an entry that comes between would wait for ever.
    this.#writing = undefined
  }

  /** Seals and writes the batch. @returns the numbers of its entries */
  async #write(batch: readonly Waiting[]): Promise<readonly number[]> {
    await this.#segment.roll(this.#kept, () => [...this.#open].map(([seq, method]) => ({ seq, method })))
    const drafts = batch.map(({ draft }) => draft)
    const sealed = sealAll(this.#kept, drafts, this.#now().toISOString(), position => this.#signed(position))
    await this.#segment.append(sealed.bytes, { durable: batch.some(({ durable }) => durable) })
    this.#kept = sealed.position
    this.#sinceCheckpoint += batch.length
    for (const [index, draft] of drafts.entries()) this.#note(draft, sealed.seqs[index] as number)
    if (sealed.checkpoint) {
      this.#sinceCheckpoint = 0
      this.#checkpoint = sealed.checkpoint
      this.#keepBeside(sealed.checkpoint)
    }
    return sealed.seqs
  }

  /** The entries are written already: a head that cannot be kept beside them is no reason to refuse them. */
  #keepBeside(checkpoint: AuditHead): void {
    try {
      writeStateFile(this.#options.headFile, checkpoint)
    } catch (error) {
      process.stderr.write(`${this.#options.headFile}: ${(error as Error).message}\n`)
    }
  }

  /** Keeps track of intents without a result. */
  #note(draft: Draft, seq: number): void {
    this.#endsSigned = draft.kind === 'checkpoint'
    if (draft.kind === 'intent') this.#open.set(seq, draft.method)
    else if (draft.kind === 'result' && draft.of !== undefined) this.#open.delete(draft.of)
  }

  #signed({ seq, hash, tree }: Position): AuditHead {
    const head = { seq, hash, root: tree.root(), at: this.#now().toISOString() }
    return { ...head, signature: this.#key.sign(head), publicKey: this.#key.publicKey }
  }
}

function checkpointByItself(): Waiting {
  return { draft: { kind: 'checkpoint', method: 'audit.checkpoint' }, durable: true, done: () => {}, refused: () => {} }
}

function pickOrigin({ plugin, policy, actor, jobId }: Origin): Origin {
  return {
    plugin,
    policy,
    actor: { kind: actor.kind, id: actor.id, name: actor.name },
    ...(jobId !== undefined && { jobId }),
  }
}
