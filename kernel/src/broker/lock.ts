import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { identify, isAlive, type ProcessIdentity } from './process-identity.js'

/**
 * One broker for one state directory. The lock names a living process by its identity, so that one which was killed
 * locks nobody out and a recycled pid fools nobody.
 */
export class Lock {
  readonly #mine: string

  /** @throws Error that names the broker which holds it */
  constructor(private readonly file: string) {
    this.#mine = `${file}.${process.pid}`
    const text = JSON.stringify(identify(process.pid))
    writeFileSync(this.#mine, text, { mode: 0o600 })
    try {
      for (let attempt = 0; !this.#take(); attempt++)
        if (attempt > 100) throw new Error(`${file} cannot be taken; remove it if no broker runs`)
    } finally {
      unlinkSync(this.#mine)
    }
  }

  release(): void {
    if (readHolder(this.file)?.pid === process.pid) unlinkSync(this.file)
  }

  /** A link is made only where none is, and only the stale file that was looked at is moved away. */
  #take(): boolean {
    try {
      linkSync(this.#mine, this.file)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = readHolder(this.file)
    if (holder && isAlive(holder))
      throw new Error(`another broker (process ${holder.pid}) already runs on this state: ${this.file}`)
    const aside = `${this.#mine}.stale`
    try {
      renameSync(this.file, aside)
    } catch {
      return false
    }
    const moved = readHolder(aside)
    // Somebody was faster and this is their fresh lock: give it back.
    if (moved && isAlive(moved)) {
      try {
        linkSync(aside, this.file)
      } catch {
        // A third one holds it now; the next round says so.
      }
    }
    unlinkSync(aside)
    return false
  }
}

function readHolder(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity
  } catch {
    return undefined
  }
}
