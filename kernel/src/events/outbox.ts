import { type EventToken, type Knex, newId } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'

export interface OutboxEntry {
  readonly seq: number
  readonly id: string
  readonly event: string
  /** JSON text. */
  readonly payload: string
  /** ISO 8601 UTC. */
  readonly at: string
}

/**
 * Events, written in the transaction that made them true. The number comes from one head row that stays locked until
 * the commit, so numbers are in commit order and without gaps: a reader that has seen n has seen everything before it.
 */
@scoped(Lifecycle.ContainerScoped)
export class Outbox {
  readonly #listeners = new Set<() => void>()

  constructor(
    private readonly state: State,
    private readonly clock: Clock,
  ) {}

  async write<T>(trx: Knex.Transaction, event: EventToken<T>, payload: T): Promise<void> {
    const [head] = await trx('outbox_head')
      .where({ id: 1 })
      .update({ seq: trx.raw('seq + 1') }, ['seq'])
    await trx('outbox').insert({
      seq: head.seq,
      id: newId(),
      event: event.name,
      payload: JSON.stringify(payload),
      at: this.clock.now().toISOString(),
    })
    // A rolled back transaction wakes nobody.
    trx.executionPromise.then(
      () => this.#wake(),
      () => undefined,
    )
  }

  async read(after: number, limit: number): Promise<OutboxEntry[]> {
    const rows: OutboxEntry[] = await this.state.knex('outbox').where('seq', '>', after).orderBy('seq').limit(limit)
    return rows.map(row => ({ ...row, seq: Number(row.seq) }))
  }

  /** How far the plugin has read. One that listens for the first time starts with what comes next. */
  async cursor(plugin: string): Promise<number> {
    return this.state.transaction(async trx => {
      const row = await trx('outbox_cursors').where({ plugin }).first()
      if (row) return Number(row.seq)
      const head = await trx('outbox_head').where({ id: 1 }).first()
      await trx('outbox_cursors').insert({ plugin, seq: head.seq })
      return Number(head.seq)
    })
  }

  /** Remembers that everything up to `seq` is done, and drops what every plugin has read. */
  async advance(plugin: string, seq: number): Promise<void> {
    await this.state.transaction(async trx => {
      await trx('outbox_cursors').where({ plugin }).where('seq', '<', seq).update({ seq })
      await trx('outbox').where('seq', '<=', trx('outbox_cursors').min('seq')).delete()
    })
  }

  /** Called after each commit that wrote an event, in this process. */
  onWritten(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #wake(): void {
    for (const listener of this.#listeners) listener()
  }
}
