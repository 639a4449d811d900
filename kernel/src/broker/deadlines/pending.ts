import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync } from 'node:fs'
import { line, object } from '../schema.js'
import { readStateFile, removeStateFile, writeStateFile } from '../state-file.js'

export interface PendingDeadline {
  readonly changeId: string
  /** ISO 8601. */
  readonly at: string
}

const check = object({ changeId: line({ max: 300 }), at: line({ max: 32 }) })

/**
 * The deadlines that some change still waits for, one small file each, so that whoever watches over them need not read
 * the ledger of changes.
 */
export class PendingDeadlines {
  constructor(readonly directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
  }

  /** A short name for a change in names of files and units. */
  static key(changeId: string): string {
    return createHash('sha256').update(changeId).digest('hex').slice(0, 16)
  }

  write(changeId: string, deadline: Date): void {
    writeStateFile(this.#file(changeId), { changeId, at: deadline.toISOString() } satisfies PendingDeadline)
  }

  remove(changeId: string): void {
    removeStateFile(this.#file(changeId))
  }

  /** Soonest first. A file that cannot be read counts as due: whoever then looks into the ledger sets it right. */
  all(): readonly PendingDeadline[] {
    return this.#names()
      .map(name => read(`${this.directory}/${name}`))
      .filter(pending => pending !== undefined)
      .sort((a, b) => (a.at < b.at ? -1 : 1))
  }

  /** Those whose time has come. */
  due(now: Date): readonly PendingDeadline[] {
    return this.all().filter(({ at }) => Date.parse(at) <= now.getTime())
  }

  /** Makes the directory hold exactly these. */
  restore(pending: ReadonlyMap<string, Date>): void {
    const wanted = new Set([...pending.keys()].map(changeId => this.#file(changeId)))
    for (const name of this.#names())
      if (!wanted.has(`${this.directory}/${name}`)) removeStateFile(`${this.directory}/${name}`)
    for (const [changeId, deadline] of pending) this.write(changeId, deadline)
  }

  #names(): readonly string[] {
    return readdirSync(this.directory).filter(name => /^[0-9a-f]{16}\.json$/.test(name))
  }

  #file(changeId: string): string {
    return `${this.directory}/${PendingDeadlines.key(changeId)}.json`
  }
}

function read(file: string): PendingDeadline | undefined {
  try {
    const stored = readStateFile(file)
    return stored === undefined ? undefined : check(stored, file)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    return { changeId: '', at: new Date(0).toISOString() }
  }
}
