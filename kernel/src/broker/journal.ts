import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { JournalFull, Problem } from './errors.js'
import { genesis, seal, unseal } from './journal/entry.js'
import { JournalKey } from './journal/key.js'
import { MerkleTree } from './journal/merkle.js'
import { redact } from './journal/redact.js'
import { lines, segmentName, segments } from './journal/segments.js'
import { type VerifyReport, verifyJournal } from './journal/verify.js'
import type { AuditHead, JournalEntry, Origin } from './protocol.js'
import { readStateFile, syncDirectory, writeStateFile } from './state-file.js'

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
}

interface Waiting {
  readonly line: Buffer
  readonly seq: number
  readonly hash: string
  readonly durable: boolean
  readonly done: (error?: Error) => void
}

type Draft = Pick<JournalEntry, 'kind' | 'method'> & Partial<Pick<JournalEntry, 'origin' | 'params' | 'of' | 'outcome'>>

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
  #file: FileHandle | undefined
  #bytes = 0
  /** Of the newest entry handed out; equals the durable one when nothing waits. */
  #seq = 0
  #previous = genesis
  #kept = { seq: 0, hash: genesis, tree: new MerkleTree() }
  #sinceCheckpoint = 0
  #queue: Waiting[] = []
  #writing: Promise<void> | undefined
  readonly #open = new Map<number, { method: string }>()

  private constructor(options: JournalOptions) {
    this.#options = options
    this.#key = new JournalKey(options.keyFile)
    this.#now = options.now ?? (() => new Date())
  }

  /**
   * Opens the journal, cutting off a last line that a crash tore. Only the newest segment is read: its first entry
   * carries what came before. Intents without a result are listed by {@link openIntents}.
   */
  static async open(options: JournalOptions): Promise<Journal> {
    await mkdir(options.directory, { recursive: true, mode: 0o700 })
    const journal = new Journal(options)
    await journal.#load()
    return journal
  }

  /** Records what is about to be done; durable when the promise resolves. @throws journal_full */
  intent(method: string, origin: Origin | undefined, params: unknown): Promise<number> {
    const [seq, done] = this.#append(
      { kind: 'intent', method, ...(origin && { origin: pickOrigin(origin) }), params: redact(params) },
      true,
    )
    return done.then(() => seq)
  }

  /**
   * Records what came of an intent. Written at once, and durable with the next intent, or now when `durable` is set.
   */
  result(seq: number, outcome: string, data?: unknown, options: { readonly durable?: boolean } = {}): Promise<void> {
    const method = this.#open.get(seq)?.method ?? 'unknown'
    return this.#append(
      { kind: 'result', method, of: seq, outcome, ...(data !== undefined && { params: redact(data) }) },
      options.durable ?? false,
    )[1]
  }

  /** Records an event that is no request: a policy decision, or what recovery found. Durable. @throws journal_full */
  record(kind: 'policy' | 'recovery', method: string, params: unknown): Promise<number> {
    const [seq, done] = this.#append({ kind, method, params: redact(params) }, true)
    return done.then(() => seq)
  }

  /** Intent, work, result: the outcome is `ok` or the code of the problem that the work threw. */
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
      await this.result(seq, 'ok', data?.(result))
      return result
    } catch (error) {
      const code = error instanceof Problem ? error.code : 'internal'
      // The work's own error matters more than a journal that is full meanwhile; the intent stays open and says so.
      await this.result(seq, code, error instanceof Problem ? error.params : undefined).catch(() => {})
      throw error
    }
  }

  /** Intents without a result: what a former broker was doing when it ended. */
  openIntents(): readonly number[] {
    return [...this.#open.keys()]
  }

  /** Writes a signed checkpoint into the journal and beside it. */
  async checkpoint(): Promise<AuditHead> {
    await this.flush()
    const head = this.#signedHead()
    await this.#append(
      { kind: 'checkpoint', method: 'audit.checkpoint', params: this.#checkpointParams(head) },
      true,
    )[1]
    this.#sinceCheckpoint = 0
    writeStateFile(this.#options.headFile, head)
    return head
  }

  /** The newest durable entry with the root over all entries, signed. */
  async head(): Promise<AuditHead> {
    await this.flush()
    return this.#signedHead()
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
    await this.#file?.datasync()
    await this.#file?.close()
    this.#file = undefined
  }

  #append(draft: Draft, durable: boolean): [seq: number, done: Promise<void>] {
    const seq = ++this.#seq
    const { line, hash } = seal({ seq, at: this.#now().toISOString(), ...draft, previous: this.#previous })
    this.#previous = hash
    const done = new Promise<void>((resolve, reject) => {
      const settle = (error?: Error) => (error ? reject(error) : resolve())
      this.#queue.push({ line: Buffer.from(line), seq, hash, durable, done: settle })
    }).then(() => this.#settled(draft, seq))
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined
    })
    return [seq, done]
  }

  #settled(draft: Draft, seq: number): void {
    if (draft.kind === 'intent') this.#open.set(seq, { method: draft.method })
    else if (draft.kind === 'result' && draft.of !== undefined) this.#open.delete(draft.of)
  }

  /** One write and one fsync for all that waits; what arrives meanwhile forms the next batch. */
  async #drain(): Promise<void> {
    // A turn of the event loop lets the requests that were read together wait together.
    await Promise.resolve()
    while (this.#queue.length) {
      const batch = this.#queue
      this.#queue = []
      try {
        await this.#write(batch)
        for (const entry of batch) entry.done()
      } catch (cause) {
        await this.#refuse(batch, cause as Error)
      }
    }
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const file = await this.#segment(batch[0] as Waiting)
    const bytes = batch.length === 1 ? (batch[0] as Waiting).line : Buffer.concat(batch.map(entry => entry.line))
    let written = 0
    while (written < bytes.length)
      written += (await file.write(bytes, written, bytes.length - written, this.#bytes + written)).bytesWritten
    if (batch.some(entry => entry.durable)) await file.datasync()
    this.#bytes += bytes.length
    for (const { seq, hash } of batch) {
      this.#kept.tree.append(hash)
      this.#kept = { seq, hash, tree: this.#kept.tree }
    }
    this.#sinceCheckpoint += batch.length
    if (this.#sinceCheckpoint >= (this.#options.checkpointEvery ?? 1000)) {
      this.#sinceCheckpoint = 0
      setImmediate(() => this.checkpoint().catch(() => {}))
    }
  }

  /** Nothing of the batch is kept, nor of what was chained to it meanwhile. */
  async #refuse(batch: readonly Waiting[], cause: Error): Promise<void> {
    const refused = [...batch, ...this.#queue]
    this.#queue = []
    this.#seq = this.#kept.seq
    this.#previous = this.#kept.hash
    await this.#file?.truncate(this.#bytes).catch(() => {})
    const code = (cause as NodeJS.ErrnoException).code ?? cause.message
    for (const entry of refused) entry.done(JournalFull({ cause: code }, { cause }))
  }

  async #segment(first: Waiting): Promise<FileHandle> {
    const limit = this.#options.segmentBytes ?? 16 * 1024 * 1024
    if (this.#file && this.#bytes < limit) return this.#file
    const previous = this.#file
    await previous?.datasync()
    const path = `${this.#options.directory}/${segmentName(first.seq)}`
    // The frontier beside the segment spares the next start from reading the older ones; verification never trusts it.
    writeStateFile(`${path}.base`, {
      tree: this.#kept.tree.size,
      frontier: this.#kept.tree.frontier,
      hash: this.#kept.hash,
      open: [...this.#open].map(([seq, { method }]) => ({ seq, method })),
    })
    const file = await open(path, 'w', 0o600)
    syncDirectory(this.#options.directory)
    await previous?.close()
    this.#file = file
    this.#bytes = 0
    return file
  }

  async #load(): Promise<void> {
    const last = segments(this.#options.directory).at(-1)
    if (!last) return
    const base = readStateFile(`${last.file}.base`) as
      | { tree: number; frontier: string[]; hash: string; open: { seq: number; method: string }[] }
      | undefined
    if (!base) throw new Error(`${last.file}.base is missing; run audit verify, then restore it from a backup`)
    let kept = { seq: last.firstSeq - 1, hash: base.hash, tree: new MerkleTree(base.tree, base.frontier) }
    for (const { seq, method } of base.open) this.#open.set(seq, { method })
    for await (const { line, end, complete } of lines(last.file)) {
      const entry = complete ? unseal(line) : undefined
      // A torn tail ends here. A damaged line in the middle ends here too, and must not be overwritten.
      if (!entry) {
        await this.#keepDamage(last.file, this.#bytes)
        break
      }
      kept.tree.append(entry.hash)
      kept = { seq: entry.seq, hash: entry.hash, tree: kept.tree }
      this.#bytes = end
      this.#settled(entry, entry.seq)
    }
    this.#kept = kept
    this.#seq = kept.seq
    this.#previous = kept.hash
    this.#file = await open(last.file, 'r+')
    await this.#file.truncate(this.#bytes)
  }

  /** Keeps what stands behind the last good entry: one torn line is a crash, more is evidence. */
  async #keepDamage(file: string, from: number): Promise<void> {
    const handle = await open(file, 'r')
    try {
      const { size } = await handle.stat()
      const rest = Buffer.alloc(size - from)
      await handle.read(rest, 0, rest.length, from)
      if (rest.subarray(0, -1).includes(0x0a)) writeStateFile(`${file}.damaged-${Date.now()}`, rest.toString('utf8'))
    } finally {
      await handle.close()
    }
  }

  #signedHead(): AuditHead {
    const { seq, hash, tree } = this.#kept
    const head = { seq, hash, root: tree.root(), at: this.#now().toISOString() }
    return { ...head, signature: this.#key.sign(head), publicKey: this.#key.publicKey }
  }

  #checkpointParams(head: AuditHead): unknown {
    return { ...head, frontier: this.#kept.tree.frontier }
  }
}

function pickOrigin({ plugin, policy, actor, jobId }: Origin): Origin {
  return {
    plugin,
    policy,
    actor: { kind: actor.kind, id: actor.id, name: actor.name },
    ...(jobId !== undefined && { jobId }),
  }
}
