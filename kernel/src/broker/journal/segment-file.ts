import { writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { JournalEntry } from '../protocol.js'
import { readStateFile, syncDirectory, writeStateFile } from '../state-file.js'
import type { Position } from './chain.js'
import type { Durable } from './durable.js'
import { unseal } from './entry.js'
import { MerkleTree } from './merkle.js'
import { lines, segmentName, segments } from './segments.js'

/** An intent without a result. */
export interface OpenIntent {
  readonly seq: number
  readonly method: string
}

/** Beside a segment: what came before it. It spares a start from reading older ones; verification never trusts it. */
interface Base {
  readonly tree: number
  readonly frontier: readonly string[]
  readonly hash: string
  readonly open: readonly OpenIntent[]
}

/** The newest segment of a journal, to which entries are appended. */
export class SegmentFile {
  #file: FileHandle | undefined
  #bytes = 0

  /** @param limit bytes after which a new segment begins */
  constructor(
    private readonly directory: string,
    private readonly limit: number,
    private readonly durable: Pick<Durable, 'sync'>,
  ) {}

  /**
   * Opens the newest segment, cutting off a last line that a crash tore.
   *
   * @param onOpen told of intents that were open before the segment
   * @param onEntry told of each of its entries
   * @returns where the chain stands; undefined when there is no segment yet
   */
  async load(
    onOpen: (intent: OpenIntent) => void,
    onEntry: (entry: JournalEntry) => void,
  ): Promise<Position | undefined> {
    const last = segments(this.directory).at(-1)
    if (!last) return undefined
    const base = readStateFile(`${last.file}.base`) as Base | undefined
    if (!base) throw new Error(`${last.file}.base is missing; run audit verify, then restore it from a backup`)
    const tree = new MerkleTree(base.tree, base.frontier)
    let position: Position = { seq: last.firstSeq - 1, hash: base.hash, tree }
    for (const intent of base.open) onOpen(intent)
    for await (const { line, end, complete } of lines(last.file)) {
      const entry = complete ? unseal(line) : undefined
      // A torn tail ends here. A damaged line in the middle ends here too, and must not be overwritten.
      if (!entry) {
        await keepDamage(last.file, this.#bytes)
        break
      }
      tree.append(entry.hash)
      position = { seq: entry.seq, hash: entry.hash, tree }
      this.#bytes = end
      onEntry(entry)
    }
    this.#file = await open(last.file, 'r+')
    await this.#file.truncate(this.#bytes)
    return position
  }

  /** Begins a new segment behind a position when there is none, or when the present one is full. */
  async roll({ seq, hash, tree }: Position, openIntents: () => readonly OpenIntent[]): Promise<void> {
    if (this.#file && this.#bytes < this.limit) return
    const previous = this.#file
    await previous?.datasync()
    const path = `${this.directory}/${segmentName(seq + 1)}`
    const base: Base = { tree: tree.size, frontier: tree.frontier, hash, open: openIntents() }
    writeStateFile(`${path}.base`, base)
    const file = await open(path, 'w', 0o600)
    syncDirectory(this.directory)
    await previous?.close()
    this.#file = file
    this.#bytes = 0
  }

  /** Appends whole lines; when it throws, nothing of them is left. */
  async append(bytes: Buffer, options: { readonly durable: boolean }): Promise<void> {
    const file = this.#file as FileHandle
    try {
      // Into the page cache, which takes microseconds; a turn through the thread pool takes longer. Only the fsync waits.
      for (let written = 0; written < bytes.length; )
        written += writeSync(file.fd, bytes, written, bytes.length - written, this.#bytes + written)
      if (options.durable) await this.durable.sync(file)
      this.#bytes += bytes.length
    } catch (error) {
      await file.truncate(this.#bytes).catch(() => {})
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#file?.datasync()
    await this.#file?.close()
    this.#file = undefined
  }
}

/** Keeps what stands behind the last good entry: one torn line is a crash, more is evidence. */
async function keepDamage(file: string, from: number): Promise<void> {
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
