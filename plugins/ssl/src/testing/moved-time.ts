const RealDate = globalThis.Date

/**
 * Moves the time of this process, in which a test panel runs: its clock, its schedules and its plugins see another date, and time
 * goes on from there. Timers still count what really passes; the authority, the broker and the web server are processes of
 * their own and keep theirs. For tests; `await using` puts the time right again.
 */
export class MovedTime implements Disposable {
  #offset = 0

  constructor() {
    const offset = () => this.#offset
    globalThis.Date = class extends RealDate {
      constructor(...args: [] | [value: string | number | Date]) {
        if (args.length === 0) super(RealDate.now() + offset())
        else super(...args)
      }

      static override now(): number {
        return RealDate.now() + offset()
      }
    } as DateConstructor
  }

  /** To a moment of the panel's own; also back. */
  to(moment: Date | string): void {
    this.#offset = RealDate.parse(new RealDate(moment).toISOString()) - RealDate.now()
  }

  by(milliseconds: number): void {
    this.#offset += milliseconds
  }

  /** As it really is. */
  right(): void {
    this.#offset = 0
  }

  [Symbol.dispose](): void {
    globalThis.Date = RealDate
  }
}
