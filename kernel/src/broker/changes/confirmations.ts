import type { ChangeResult } from '@nusantara/sdk'
import {
  Busy,
  ChangeConflict,
  ChangeExpired,
  ConfirmationLate,
  ConfirmationStale,
  DeadlineUnguarded,
} from '../errors.js'
import type { Origin } from '../protocol.js'
import { Deadlines } from './deadlines.js'
import type { ChangeDeps } from './deps.js'
import type { Ledger } from './ledger.js'
import { type ChangeRecord, resultOf } from './records.js'

/** Changes that may wait at once: each holds a timer, and a file that nobody else may change meanwhile. */
const maxWaiting = 64

/**
 * Changes that are taken back unless somebody confirms them in time, over a connection that was opened after they were
 * applied: one that was there before proves nothing about whether the server can still be reached.
 */
export class Confirmations {
  readonly #deadlines: Deadlines
  /** Newest connection when a change was applied. None for what a former broker applied: every connection came later. */
  readonly #appliedAt = new Map<string, number>()
  /** Changes that are about to wait, and those that do. */
  readonly #expected = new Set<string>()
  /** Changes whose reversal has begun. */
  readonly #takingBack = new Set<string>()

  /** @param takeBack applies the reversal of a change whose time is over */
  constructor(
    private readonly deps: Pick<ChangeDeps, 'guard' | 'journal' | 'newestConnection' | 'now' | 'warn'>,
    private readonly ledger: Ledger,
    private readonly takeBack: (change: ChangeRecord) => Promise<unknown>,
  ) {
    this.#deadlines = new Deadlines(deps.now, change =>
      this.#expire(change).catch(error => {
        deps.warn(`change ${change.changeId} is over time and could not be taken back yet: ${error.message}`)
        throw error
      }),
    )
  }

  /** Before a change with a deadline begins: somebody will come, even when this process is killed in the middle. */
  async expect(changeId: string, seconds: number): Promise<void> {
    if (this.#expected.size >= maxWaiting) throw Busy({ what: 'changes that wait for a confirmation' })
    this.#expected.add(changeId)
    try {
      await this.deps.guard.keep(changeId, new Date(this.deps.now().getTime() + seconds * 1000))
    } catch (error) {
      this.#expected.delete(changeId)
      throw DeadlineUnguarded({ changeId, cause: (error as Error).message }, { cause: error })
    }
  }

  /** The change is applied and waits from now on. */
  async begin(change: ChangeRecord): Promise<void> {
    this.#appliedAt.set(change.changeId, this.deps.newestConnection())
    this.#arm(change)
    // The guard comes a moment early otherwise, and looks again.
    await this.deps.guard.keep(change.changeId, new Date(change.deadline as string)).catch(error => {
      this.deps.warn(`the deadline of ${change.changeId} is kept by this process alone: ${error.message}`)
    })
  }

  /** The change is confirmed, taken back, or was never applied. */
  async end(changeId: string): Promise<void> {
    this.#deadlines.disarm(changeId)
    this.#appliedAt.delete(changeId)
    if (this.#expected.delete(changeId)) await this.deps.guard.release(changeId)
  }

  /**
   * @param connection ordinal of the connection over which the request came
   * @throws confirmation_stale, confirmation_late, journal_full
   */
  async confirm(origin: Origin, change: ChangeRecord, connection: number): Promise<ChangeResult> {
    const { changeId } = change
    if (connection <= (this.#appliedAt.get(changeId) ?? 0)) throw ConfirmationStale({ changeId })
    return this.deps.journal.around('change.confirm', origin, { changeId }, async () => {
      // Looked at again: the journal took a moment, in which the time may have run out.
      const now = this.ledger.changes.get(changeId) ?? change
      if (now.state !== 'awaiting_confirmation') return resultOf(now)
      if (this.#takingBack.has(changeId) || isOver(now, this.deps.now())) throw ConfirmationLate({ changeId })
      const confirmed = withoutDeadline(now, 'applied')
      await this.ledger.note({ changes: [confirmed] })
      await this.end(changeId)
      return resultOf(confirmed)
    })
  }

  /** Runs a reversal during which the change can no longer be confirmed. */
  async whileTakingBack<T>(changeId: string, run: () => Promise<T>): Promise<T> {
    this.#takingBack.add(changeId)
    try {
      return await run()
    } finally {
      this.#takingBack.delete(changeId)
    }
  }

  /** After a start: takes back what nobody confirmed in time. What fails is left to {@link resume}. */
  async runOut(): Promise<void> {
    const over = [...this.ledger.awaiting.values()].filter(change => isOver(change, this.deps.now()))
    for (const change of over)
      await this.#expire(change).catch(error =>
        this.deps.warn(`change ${change.changeId} is over time and could not be taken back yet: ${error.message}`),
      )
  }

  /** After a start: waits for the deadlines that are left. */
  async resume(): Promise<void> {
    const awaiting = [...this.ledger.awaiting.values()]
    for (const change of awaiting) this.#arm(change)
    await this.deps.guard
      .restore(new Map(awaiting.map(({ changeId, deadline }) => [changeId, new Date(deadline as string)])))
      .catch(error => this.deps.warn(`deadlines are kept by this process alone: ${error.message}`))
  }

  /** Whether a change waits for a confirmation, or is about to. */
  get waiting(): boolean {
    return this.#expected.size > 0
  }

  /** Resolves once nothing is being taken back. */
  close(): Promise<void> {
    return this.#deadlines.close()
  }

  #arm(change: ChangeRecord): void {
    this.#expected.add(change.changeId)
    this.#deadlines.arm(change)
  }

  async #expire({ changeId }: ChangeRecord): Promise<void> {
    const current = this.ledger.changes.get(changeId)
    if (current?.state !== 'awaiting_confirmation' || this.#takingBack.has(changeId)) return
    try {
      await this.takeBack(current)
    } catch (error) {
      if (!ChangeConflict.is(error) && !ChangeExpired.is(error)) throw error
      // Somebody changed the files since: that edit is not overwritten, and the change stands.
      await this.deps.journal.record('recovery', 'change.confirm', { changeId, stands: error.code, ...error.params })
      await this.ledger.note({ changes: [withoutDeadline(current, 'applied')] })
      await this.end(changeId)
    }
  }
}

function isOver({ deadline }: ChangeRecord, now: Date): boolean {
  return deadline !== undefined && Date.parse(deadline) <= now.getTime()
}

function withoutDeadline({ deadline: _, ...rest }: ChangeRecord, state: 'applied'): ChangeRecord {
  return { ...rest, state }
}
