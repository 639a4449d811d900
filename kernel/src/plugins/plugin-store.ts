import type { Actor, Knex } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'

export interface Decision {
  readonly enabled: boolean
  /** Of the privileges that were agreed to; absent for a plugin without any. */
  readonly digest: string | undefined
}

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

  /** @param tell runs in the transaction of the decision. @returns the new generation */
  async decide(
    id: string,
    decision: Decision,
    actor: Pick<Actor, 'id'>,
    tell?: (trx: Knex.Transaction, generation: number) => Promise<void>,
  ): Promise<number> {
    const row = {
      id,
      enabled: decision.enabled ? 1 : 0,
      digest: decision.digest ?? null,
      changed_at: this.clock.now().toISOString(),
      changed_by: actor.id,
    }
    return this.state.transaction(async trx => {
      await trx('plugins').insert(row).onConflict('id').merge()
      const generation = await this.#advance(trx)
      await tell?.(trx, generation)
      return generation
    })
  }

  async #advance(trx: Knex.Transaction): Promise<number> {
    const [row] = await trx('plugin_generation')
      .where({ id: 1 })
      .update({ generation: trx.raw('generation + 1') }, ['generation'])
    return Number(row.generation)
  }
}
