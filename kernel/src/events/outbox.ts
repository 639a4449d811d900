import { type EventToken, type Knex, newId } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Peers } from '../peers/peers.js'
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

/** A plugin that does not get on: an event that its handler refuses again and again. */
export interface StuckReader {
  readonly plugin: string
  readonly event: string
  readonly failures: number
  /** ISO 8601 UTC. */
  readonly since: string
  readonly reason: string
}

/** A process that dies while it reads for a plugin is followed by another after this time. */
const heldMs = 30_000
const pruned = 500
/** A cursor that has left a failing event behind. */
const well = { failures: 0, failing_event: null, failing_since: null, failing_reason: null }

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
    private readonly peers: Peers,
  ) {
    peers.on('outbox', () => this.#wake())
    peers.onGap(() => this.#wake())
  }

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
    await this.peers.tellWith(trx, 'outbox', Number(head.seq))
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

  /**
   * Takes the plugin's place in the outbox for 30 seconds and answers how far it has read; undefined while another process
   * has it, so that of several that run the plugin one delivers. A plugin that listens for the first time starts with what
   * comes next.
   *
   * @param holder names the process's subscription
   */
  async hold(plugin: string, holder: string): Promise<number | undefined> {
    return this.state.transaction(async trx => {
      const known = await trx('outbox_cursors').where({ plugin }).first('seq')
      const { seq } = known ?? (await trx('outbox_head').where({ id: 1 }).first('seq'))
      if (!known) await trx('outbox_cursors').insert({ plugin, seq }).onConflict('plugin').ignore()
      // The one process of an embedded store has nobody to come before.
      if (!this.peers.shared) return Number(seq)
      const now = this.clock.now()
      const free = trx('outbox_cursors')
        .where({ plugin })
        .where(open => open.whereNull('holder').orWhere({ holder }).orWhere('held_until', '<=', now.toISOString()))
      const held_until = new Date(now.getTime() + heldMs).toISOString()
      const [row] = (await free.update({ holder, held_until }).returning('seq')) as { seq: number | string }[]
      return row && Number(row.seq)
    })
  }

  /** Lets another process read for the plugin. */
  async release(plugin: string, holder: string): Promise<void> {
    if (!this.peers.shared) return
    await this.state.knex('outbox_cursors').where({ plugin, holder }).update({ holder: null, held_until: null })
  }

  /** Remembers that everything up to `seq` is done, and drops what every plugin has read. */
  async advance(plugin: string, seq: number): Promise<void> {
    await this.state.transaction(async trx => {
      await trx('outbox_cursors')
        .where({ plugin })
        .where('seq', '<', seq)
        .update({ seq, ...well })
      await trx('outbox').where('seq', '<=', trx('outbox_cursors').min('seq')).delete()
    })
  }

  /** Remembers that the plugin could not take in an event, for whoever examines the panel. */
  async failed(plugin: string, event: string, reason: string): Promise<void> {
    const { knex } = this.state
    await knex('outbox_cursors')
      .where({ plugin })
      .update({
        failures: knex.raw('failures + 1'),
        failing_event: event,
        failing_since: knex.raw('coalesce(failing_since, ?)', [this.clock.now().toISOString()]),
        failing_reason: reason.slice(0, 500),
      })
  }

  /** Plugins whose next event failed at least so often. */
  async stuck(failures: number): Promise<readonly StuckReader[]> {
    const rows = await this.state.knex('outbox_cursors').where('failures', '>=', failures).orderBy('plugin')
    return rows.map(row => ({
      plugin: row.plugin,
      event: row.failing_event,
      failures: Number(row.failures),
      since: row.failing_since,
      reason: row.failing_reason,
    }))
  }

  /**
   * Drops events written before a moment, read or not, and those that nobody reads at all. Answers how many, and the
   * plugins that miss some of them.
   */
  async prune(before: Date): Promise<{ readonly dropped: number; readonly behind: readonly string[] }> {
    const { knex } = this.state
    const readers: { plugin: string; seq: number | string }[] = await knex('outbox_cursors').select('plugin', 'seq')
    const old = knex('outbox')
    if (readers.length > 0) old.where('at', '<', before.toISOString())
    const row = await old.max<{ seq: number | string | null }>('seq as seq').first()
    const last = Number(row?.seq ?? 0)
    let dropped = 0
    for (let count = 1; count > 0; dropped += count) {
      const oldest = knex('outbox').where('seq', '<=', last).orderBy('seq').limit(pruned).select('seq')
      count = await knex('outbox').whereIn('seq', oldest).delete()
    }
    const behind = dropped > 0 ? readers.filter(reader => Number(reader.seq) < last).map(({ plugin }) => plugin) : []
    await knex('outbox_cursors')
      .whereIn('plugin', behind)
      .where('seq', '<', last)
      .update({ seq: last, ...well })
    return { dropped, behind }
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
