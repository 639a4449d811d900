import { setTimeout as delay, setImmediate as immediately } from 'node:timers/promises'
import type { Member } from './member.js'

const window = { stepMs: 20, maxMs: 200 }
/** How long the rest of a burst is waited for, and the pause in it that shows its end. */
const burst = { pauseMs: 10, maxMs: 200 }
const maxBatch = 2000

/** Paths that some batch is writing at this moment, of all services together. */
export class BusyPaths {
  readonly #paths = new Set<string>()
  readonly #waiting = new Set<() => void>()

  /** Takes the member's paths, unless one of them is taken. */
  take(member: Member): boolean {
    const paths = member.compiled.files.map(({ path }) => path)
    if (paths.some(path => this.#paths.has(path))) return false
    for (const path of paths) this.#paths.add(path)
    return true
  }

  release(members: readonly Member[]): void {
    for (const { compiled } of members) for (const { path } of compiled.files) this.#paths.delete(path)
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }

  /** Resolves at the next release. */
  released(): Promise<void> {
    return new Promise(resolve => this.#waiting.add(resolve))
  }
}

/**
 * Collects the changes that wait for one service. One that finds the service idle starts at once; the first of a burst
 * waits for the others that are just arriving. While a batch runs, the next one collects, and under a steady stream each
 * batch waits a little longer for more, as long as more keep coming.
 */
export class Pipeline {
  #waiting: Member[] = []
  #running: Promise<void> | undefined
  /** Batches in a row at whose end others waited. */
  #pressure = 0

  constructor(
    private readonly busy: BusyPaths,
    private readonly run: (members: readonly Member[]) => Promise<void>,
  ) {}

  add(member: Member): void {
    this.#waiting.push(member)
    this.#start()
  }

  /** Runs something between batches, before those that wait. */
  async exclusively(work: () => Promise<void>): Promise<void> {
    const before = this.#running
    const turn = (before ?? Promise.resolve()).then(work)
    const held = turn
      .catch(() => {})
      .then(() => {
        if (this.#running === held) this.#running = undefined
        this.#start()
      })
    this.#running = held
    await turn
  }

  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  #start(): void {
    if (this.#running || !this.#waiting.length) return
    const running = this.#drain().finally(() => {
      if (this.#running === running) this.#running = undefined
      this.#start()
    })
    this.#running = running
  }

  async #drain(): Promise<void> {
    // One turn of the event loop: requests that arrived together are read together.
    await immediately()
    if (this.#waiting.length > 1) await this.#gather(burst.pauseMs, burst.maxMs)
    while (this.#waiting.length) {
      if (this.#pressure) await this.#gather(window.stepMs, Math.min(window.maxMs, window.stepMs * this.#pressure))
      const members = this.#take()
      if (!members.length) {
        await this.busy.released()
        continue
      }
      try {
        await this.run(members)
      } finally {
        this.busy.release(members)
      }
      this.#pressure = this.#waiting.length ? this.#pressure + 1 : 0
    }
  }

  /** Waits until no more came for a pause, or until the time is up. */
  async #gather(pauseMs: number, maxMs: number): Promise<void> {
    const until = performance.now() + maxMs
    for (let seen = 0; seen !== this.#waiting.length && performance.now() < until; ) {
      seen = this.#waiting.length
      await delay(pauseMs)
      // A timer that is due runs before the sockets are read; what stands in them has come already.
      await immediately()
    }
  }

  /** In order; a member whose file another one writes waits, and so does whatever came after it for the same file. */
  #take(): Member[] {
    const taken: Member[] = []
    const left: Member[] = []
    const held = new Set<string>()
    for (const member of this.#waiting) {
      const paths = member.compiled.files.map(({ path }) => path)
      if (taken.length < maxBatch && !paths.some(path => held.has(path)) && this.busy.take(member)) taken.push(member)
      else {
        for (const path of paths) held.add(path)
        left.push(member)
      }
    }
    this.#waiting = left
    return taken
  }
}
