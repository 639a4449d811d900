import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { identify, isAlive, type ProcessIdentity } from './process-identity.js'

/** `recovery` holds the lock for moments only; `broker` until it ends. */
export type Role = 'broker' | 'recovery'

type Holder = ProcessIdentity & { readonly role?: Role }

/** Another process works on this state. */
export class StateTaken extends Error {
  override readonly name = 'StateTaken'
  constructor(
    readonly holder: Holder,
    file: string,
  ) {
    super(`another broker (process ${holder.pid}) already runs on this state: ${file}`)
  }
}

/** How long a broker waits for a recovery to end; longer than any check, reload and probe. */
const patienceMs = 120_000

/**
 * One broker for one state directory. The lock names a living process by its identity, so that one which was killed
 * locks nobody out and a recycled pid fools nobody.
 */
export class Lock {
  readonly #mine: string

  /** @throws StateTaken that names the broker which holds it */
  constructor(
    private readonly file: string,
    role: Role = 'broker',
  ) {
    this.#mine = `${file}.${process.pid}`
    writeFileSync(this.#mine, JSON.stringify({ ...identify(process.pid), role }), { mode: 0o600 })
    try {
      for (let attempt = 0; !this.#take(); attempt++)
        if (attempt > 100) throw new Error(`${file} cannot be taken; remove it if no broker runs`)
    } finally {
      unlinkSync(this.#mine)
    }
  }

  /** As the constructor, but waits for a recovery that is under way. */
  static async acquire(file: string, role: Role): Promise<Lock> {
    for (const until = performance.now() + patienceMs; ; await delay(50))
      try {
        return new Lock(file, role)
      } catch (error) {
        if (!(error instanceof StateTaken) || error.holder.role !== 'recovery' || performance.now() > until) throw error
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
    if (holder && isAlive(holder)) throw new StateTaken(holder, this.file)
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

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder
  } catch {
    return undefined
  }
}
