import type { ChangeRecord } from './records.js'

const maxTimerMs = 2 ** 31 - 1
const retryMs = 10_000

/** Changes that are taken back unless somebody confirms them. Deadlines are stored with the change; this only waits. */
export class Deadlines {
  readonly #timers = new Map<string, NodeJS.Timeout>()
  readonly #running = new Set<Promise<void>>()
  #closed = false

  /** @param expire takes the change back; asked again later when it throws */
  constructor(
    private readonly now: () => Date,
    private readonly expire: (change: ChangeRecord) => Promise<void>,
  ) {}

  /** A deadline that passed while nobody was there runs out at once. */
  arm(change: ChangeRecord): void {
    if (change.deadline === undefined) return
    this.#wait(change, Date.parse(change.deadline) - this.now().getTime())
  }

  disarm(changeId: string): void {
    clearTimeout(this.#timers.get(changeId))
    this.#timers.delete(changeId)
  }

  /** Waits for no deadline any more. Resolves once nothing is being taken back; what failed is not tried again. */
  async close(): Promise<void> {
    this.#closed = true
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    await Promise.all(this.#running)
  }

  #wait(change: ChangeRecord, ms: number): void {
    this.disarm(change.changeId)
    if (this.#closed) return
    const run = () => {
      this.#timers.delete(change.changeId)
      const running = this.expire(change)
        .catch(() => this.#wait(change, retryMs))
        .finally(() => this.#running.delete(running))
      this.#running.add(running)
    }
    this.#timers.set(change.changeId, setTimeout(run, Math.min(Math.max(ms, 0), maxTimerMs)))
  }
}
