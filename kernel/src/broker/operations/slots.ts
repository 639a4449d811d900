/** So many at once; the next waits its turn, up to a bound. */
export class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(
    size: number,
    private readonly maxWaiting: number,
    private readonly refuse: () => Error,
  ) {
    this.#free = size
  }

  /** Resolves to the function that gives the slot back. @throws what `refuse` makes, or the signal's reason */
  async take(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted()
    if (this.#free > 0) this.#free--
    else if (this.#waiting.length >= this.maxWaiting) throw this.refuse()
    else await this.#turn(signal)
    let given = false
    return () => {
      if (given) return
      given = true
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }

  #turn(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.splice(this.#waiting.indexOf(granted), 1)
        reject(signal?.reason)
      }
      const granted = () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiting.push(granted)
    })
  }
}
