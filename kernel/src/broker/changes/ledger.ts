import { type FileHandle, mkdir, open, readFile, rm, truncate } from 'node:fs/promises'
import { JournalFull } from '../errors.js'
import { syncDirectory, writeStateFile } from '../state-file.js'
import { OpenMarker } from './open-marker.js'
import type { AppliedFile, ChangeRecord, LedgerLine, OpenBatch } from './records.js'

const keptChanges = 2000
const reserveBytes = 128 * 1024

/**
 * The transaction log of changes: one append-only file whose replay gives the last applied bytes of every managed path,
 * the outcome of recent changes, and the batches a crash left open. A line is durable when its promise resolves.
 *
 * A reserve beside it is given up when the disk is full, so that the end of a batch that began can be recorded; without a reserve nothing begins.
 */
export class Ledger {
  readonly applied = new Map<string, AppliedFile>()
  readonly changes = new Map<string, ChangeRecord>()
  /** Those of the changes that wait for a confirmation. */
  readonly awaiting = new Map<string, ChangeRecord>()
  readonly open = new Map<string, OpenBatch>()
  /** Directories that changes made, and that go with the last file in them. */
  readonly made = new Set<string>()
  #file: FileHandle | undefined
  #bytes = 0
  #lines = 0
  #queue: Promise<unknown> = Promise.resolve()
  #reserved = false
  #shut = false

  readonly #marker: OpenMarker

  private constructor(private readonly directory: string) {
    this.#marker = new OpenMarker(directory)
  }

  static async load(directory: string): Promise<Ledger> {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const ledger = new Ledger(directory)
    await ledger.#replay()
    if (ledger.open.size) ledger.#marker.set()
    else ledger.#marker.clear()
    return ledger
  }

  /** Records the intent. @throws journal_full */
  begin(batch: OpenBatch): Promise<void> {
    return this.#append({ t: 'open', ...batch }, false)
  }

  /** Records the end of a batch. Uses the reserve when the disk is full. */
  close(batch: string, end: Omit<Extract<LedgerLine, { t: 'close' }>, 't' | 'batch'>): Promise<void> {
    return this.#append({ t: 'close', batch, ...end }, true)
  }

  /** Records what needs no batch: a refused change, an adoption, a confirmation. */
  note(note: Omit<Extract<LedgerLine, { t: 'note' }>, 't'>): Promise<void> {
    return this.#append({ t: 'note', ...note }, true)
  }

  /** Nothing is written from now on: the file may belong to the next broker. */
  async shut(): Promise<void> {
    this.#shut = true
    await this.#queue
    await this.#file?.close()
    this.#file = undefined
  }

  async #append(line: LedgerLine, useReserve: boolean): Promise<void> {
    if (this.#shut) throw new Error('the ledger of changes is closed')
    const done = this.#queue.then(() => this.#write(line, useReserve))
    this.#queue = done.catch(() => {})
    await done
  }

  async #write(line: LedgerLine, useReserve: boolean): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
    try {
      if (!useReserve) await this.#reserve()
      if (line.t === 'open') this.#marker.set()
      await this.#put(bytes)
    } catch (cause) {
      if (!useReserve || (cause as NodeJS.ErrnoException).code !== 'ENOSPC' || !this.#reserved) throw full(cause)
      await rm(this.#path('reserve'), { force: true })
      this.#reserved = false
      await this.#put(bytes).catch(again => {
        throw full(again)
      })
    }
    this.#take(line)
    if (line.t === 'close' && !this.open.size) this.#marker.clear()
    if (this.#bytes > 16 * 1024 * 1024 && this.#lines > 4 * (this.applied.size + this.changes.size))
      await this.#compact()
  }

  async #put(bytes: Buffer): Promise<void> {
    this.#file ??= await open(this.#path('ledger'), 'r+').catch(() => open(this.#path('ledger'), 'w+', 0o600))
    const file = this.#file
    try {
      for (let written = 0; written < bytes.length; )
        written += (await file.write(bytes, written, bytes.length - written, this.#bytes + written)).bytesWritten
      await file.datasync()
    } catch (error) {
      await file.truncate(this.#bytes).catch(() => {})
      throw error
    }
    this.#bytes += bytes.length
    this.#lines++
  }

  async #reserve(): Promise<void> {
    if (this.#reserved) return
    const file = await open(this.#path('reserve'), 'w', 0o600)
    try {
      await file.write(Buffer.alloc(reserveBytes, 0xff))
      await file.sync()
    } finally {
      await file.close()
    }
    this.#reserved = true
  }

  #path(name: string): string {
    return `${this.directory}/${name}`
  }

  async #replay(): Promise<void> {
    const text = await readFile(this.#path('ledger')).catch(error => {
      if (error.code === 'ENOENT') return Buffer.alloc(0)
      throw error
    })
    let from = 0
    for (let end = text.indexOf(0x0a); end >= 0; end = text.indexOf(0x0a, from)) {
      this.#take(parse(text.subarray(from, end), this.#path('ledger'), this.#lines + 1))
      this.#lines++
      from = end + 1
    }
    this.#bytes = from
    // What follows the last line feed is a line that a crash tore before anybody was told that it was written.
    if (from < text.length) await truncate(this.#path('ledger'), from)
    if (this.#lines > 1000 + 4 * (this.applied.size + this.changes.size)) await this.#compact()
  }

  #take(line: LedgerLine): void {
    if (line.t === 'open') {
      const { t: _, ...batch } = line
      this.open.set(line.batch, batch)
      return
    }
    if (line.t === 'close') this.open.delete(line.batch)
    for (const file of line.applied ?? []) this.applied.set(file.path, file)
    for (const path of line.gone ?? []) this.applied.delete(path)
    for (const directory of line.made ?? []) this.made.add(directory)
    for (const directory of line.unmade ?? []) this.made.delete(directory)
    for (const change of line.changes ?? []) {
      this.changes.delete(change.changeId)
      this.changes.set(change.changeId, change)
      if (change.state === 'awaiting_confirmation') this.awaiting.set(change.changeId, change)
      else this.awaiting.delete(change.changeId)
    }
    this.#forget()
  }

  /** Oldest outcomes go first, except changes that still wait for their confirmation. */
  #forget(): void {
    if (this.changes.size <= keptChanges * 1.25) return
    for (const change of this.changes.values()) {
      if (this.changes.size <= keptChanges) return
      if (change.state !== 'awaiting_confirmation') this.changes.delete(change.changeId)
    }
  }

  async #compact(): Promise<void> {
    const lines: LedgerLine[] = [
      { t: 'note', applied: [...this.applied.values()], made: [...this.made] },
      ...[...this.changes.values()].map(change => ({ t: 'note' as const, changes: [change] })),
      ...[...this.open.values()].map(batch => ({ t: 'open' as const, ...batch })),
    ]
    const text = lines.map(line => `${JSON.stringify(line)}\n`).join('')
    writeStateFile(this.#path('ledger'), text)
    await this.#file?.close()
    this.#file = undefined
    this.#bytes = Buffer.byteLength(text)
    this.#lines = lines.length
    syncDirectory(this.directory)
  }
}

function full(cause: unknown): Error {
  return JournalFull({ cause: (cause as NodeJS.ErrnoException).code ?? String(cause) }, { cause })
}

function parse(line: Buffer, file: string, number: number): LedgerLine {
  try {
    return JSON.parse(line.toString('utf8')) as LedgerLine
  } catch (cause) {
    throw new Error(`${file} is damaged in line ${number}; restore it from a backup`, { cause })
  }
}
