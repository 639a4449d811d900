/**
 * Sees to it that somebody takes an unconfirmed change back at its deadline when no broker lives then. A live broker
 * does it itself; the guard's part is only to start `recover.js` when the time has come.
 */
export interface DeadlineGuard {
  /**
   * From now on the change is guarded until this moment, which replaces an earlier one. Durable when the promise
   * resolves. @throws when the guard cannot be set: then the change must not begin
   */
  keep(changeId: string, deadline: Date): Promise<void>
  /** Nothing waits for this deadline any more. Never throws: a guard that comes for nothing finds nothing to do. */
  release(changeId: string): Promise<void>
  /** After a start: exactly these changes wait. */
  restore(pending: ReadonlyMap<string, Date>): Promise<void>
  /** What runs under the broker ends with it, so nothing is left to guard until the next start. */
  stop(): void
}
