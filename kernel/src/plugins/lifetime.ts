import { ContextStopped } from './errors.js'

export type Dispose = () => unknown

/** One start of a plugin: what it took, in order, and whether it may still take. */
export class Lifetime {
  readonly #taken: Dispose[] = []
  readonly #intake: Dispose[] = []
  readonly #aborter = new AbortController()
  #ended = false

  constructor(readonly plugin: string) {}

  /** Aborted as the first thing of the stop. */
  get signal(): AbortSignal {
    return this.#aborter.signal
  }

  /** How many things are to be given back. */
  get size(): number {
    return this.#taken.length + this.#intake.length
  }

  own(dispose: Dispose): void {
    this.#taken.push(dispose)
  }

  /** What brings new work (routes, job types, schedules); it goes first, so that running work can end in peace. */
  ownIntake(dispose: Dispose): void {
    this.#intake.push(dispose)
  }

  /** Takes no new work. @returns the failures */
  closeIntake(): Promise<unknown[]> {
    return giveBack(this.#intake)
  }

  /** @throws ContextStopped */
  check(use: string): void {
    if (this.#ended) throw ContextStopped({ plugin: this.plugin, use })
  }

  abort(): void {
    this.#aborter.abort()
  }

  /**
   * Gives everything back, newest first; nothing can be taken from now on. What fails does not keep the rest.
   *
   * @returns the failures
   */
  async end(): Promise<unknown[]> {
    this.#ended = true
    this.abort()
    return [...(await giveBack(this.#intake)), ...(await giveBack(this.#taken))]
  }

  /** A frozen copy of the object whose functions refuse once the plugin has stopped. */
  bound<T extends object>(use: string, object: T): T {
    const bound: Record<string, unknown> = {}
    for (const [name, member] of Object.entries(object) as [string, unknown][]) {
      bound[name] =
        typeof member === 'function'
          ? (...args: unknown[]) => {
              this.check(`${use}.${name}`)
              return (member as (...args: unknown[]) => unknown).apply(object, args)
            }
          : member
    }
    return Object.freeze(bound) as T
  }
}

async function giveBack(taken: Dispose[]): Promise<unknown[]> {
  const failures: unknown[] = []
  for (const dispose of taken.splice(0).reverse()) {
    try {
      await dispose()
    } catch (error) {
      failures.push(error)
    }
  }
  return failures
}
