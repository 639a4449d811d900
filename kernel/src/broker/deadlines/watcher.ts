import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { fixedEnvironment } from '../command.js'
import { identify, isAlive, type ProcessIdentity, signal } from '../process-identity.js'
import { readStateFile, writeStateFile } from '../state-file.js'
import type { DeadlineGuard } from './guard.js'
import type { PendingDeadlines } from './pending.js'

/** Which process watches. */
export function watcherRecord({ directory }: PendingDeadlines): string {
  return `${directory}/watcher.json`
}

/**
 * The guard where no systemd starts anything: one small process of its own session, which outlives the broker and ends
 * itself when no deadline is left. It is found again by its identity, as services are.
 */
export class Watcher implements DeadlineGuard {
  readonly #record: string
  #starting: Promise<void> | undefined

  /**
   * @param command program and arguments of `recover.js CONFIG --wait`
   * @param logFile takes what it says
   */
  constructor(
    private readonly pending: PendingDeadlines,
    private readonly command: readonly [string, ...string[]],
    private readonly logFile: string,
  ) {
    this.#record = watcherRecord(pending)
  }

  async keep(changeId: string, deadline: Date): Promise<void> {
    this.pending.write(changeId, deadline)
    try {
      await this.#watch()
    } catch (error) {
      this.pending.remove(changeId)
      throw error
    }
  }

  async release(changeId: string): Promise<void> {
    try {
      this.pending.remove(changeId)
    } catch (error) {
      process.stderr.write(`deadline of ${changeId}: ${(error as Error).message}\n`)
    }
  }

  async restore(pending: ReadonlyMap<string, Date>): Promise<void> {
    this.pending.restore(pending)
    if (pending.size) await this.#watch()
  }

  stop(): void {
    const watcher = this.#living()
    if (watcher) signal(watcher.pid, 'SIGTERM')
  }

  #living(): ProcessIdentity | undefined {
    const known = readStateFile(this.#record) as ProcessIdentity | undefined
    return known && isAlive(known) ? known : undefined
  }

  /** Starts the process unless it lives. Whoever asks meanwhile waits for the same one. */
  async #watch(): Promise<void> {
    if (!this.#starting && this.#living()) return
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined
    })
    await this.#starting
  }

  async #start(): Promise<void> {
    const [file, ...argv] = this.command
    const log = openSync(this.logFile, 'a', 0o640)
    try {
      const child = spawn(file, argv, {
        detached: true,
        cwd: '/',
        env: { ...fixedEnvironment },
        stdio: ['ignore', log, log],
      })
      child.unref()
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve)
        child.once('error', reject)
      })
      const identity = identify(child.pid as number)
      if (!identity) throw new Error(`the watcher of deadlines ended at once; see ${this.logFile}`)
      writeStateFile(this.#record, identity)
    } finally {
      closeSync(log)
    }
  }
}
