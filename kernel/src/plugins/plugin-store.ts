import type { Actor, Knex } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'

export interface Decision {
  readonly enabled: boolean
  /** Of the privileges that were agreed to; absent for a plugin without any. */
  readonly digest: string | undefined
}

const channel = 'nusa_plugins'

/** Which plugins somebody decided to have. All processes of one state follow its generation. */
@scoped(Lifecycle.ContainerScoped)
export class PluginStore {
  constructor(
    private readonly state: State,
    private readonly clock: Clock,
  ) {}

  async load(): Promise<{ readonly generation: number; readonly decisions: ReadonlyMap<string, Decision> }> {
    return this.state.transaction(async trx => {
      const { generation } = await trx('plugin_generation').where({ id: 1 }).first()
      const rows: { id: string; enabled: number; digest: string | null }[] = await trx('plugins')
      const decisions = rows.map(
        row => [row.id, { enabled: row.enabled === 1, digest: row.digest ?? undefined }] as const,
      )
      return { generation, decisions: new Map(decisions) }
    })
  }

  /** @returns the new generation */
  async decide(id: string, decision: Decision, actor: Pick<Actor, 'id'>): Promise<number> {
    const row = {
      id,
      enabled: decision.enabled ? 1 : 0,
      digest: decision.digest ?? null,
      changed_at: this.clock.now().toISOString(),
      changed_by: actor.id,
    }
    return this.state.transaction(async trx => {
      await trx('plugins').insert(row).onConflict('id').merge()
      return this.#advance(trx)
    })
  }

  /**
   * Calls `changed` when another process may have changed the set. With SQLite there is no other.
   *
   * @returns ends it
   */
  async follow(changed: () => void): Promise<() => Promise<void>> {
    if (this.state.dialect !== 'postgres') return async () => undefined
    const { client } = this.state.knex as unknown as { client: PostgresClient }
    const connection = await client.acquireRawConnection()
    // A lost connection is no reason to end the process; the poll goes on without it.
    connection.on('error', () => undefined)
    connection.on('notification', changed)
    await connection.query(`listen ${channel}`)
    const poll = setInterval(changed, 30_000).unref()
    return async () => {
      clearInterval(poll)
      connection.removeAllListeners('notification')
      await connection.end()
    }
  }

  async #advance(trx: Knex.Transaction): Promise<number> {
    const [row] = await trx('plugin_generation')
      .where({ id: 1 })
      .update({ generation: trx.raw('generation + 1') }, ['generation'])
    if (this.state.dialect === 'postgres') await trx.raw('select pg_notify(?, ?)', [channel, String(row.generation)])
    return Number(row.generation)
  }
}

interface PostgresClient {
  acquireRawConnection(): Promise<{
    on(event: string, listener: () => void): void
    removeAllListeners(event: string): void
    query(sql: string): Promise<unknown>
    end(): Promise<void>
  }>
}
