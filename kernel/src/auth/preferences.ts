import type { Actor, Knex } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { State } from '../state/state.js'
import { PreferencesFull } from './errors.js'

/** Of one person. */
const most = 64

export type Preference = string | number | boolean | readonly string[]

/** How each person likes the panel: small values by name, which mean something to the web shell alone. */
@scoped(Lifecycle.ContainerScoped)
export class Preferences {
  constructor(private readonly state: State) {}

  async list({ userId }: Actor): Promise<Readonly<Record<string, Preference>>> {
    const rows: { name: string; value: string }[] = await this.state
      .knex('preferences')
      .where({ user_id: userId ?? '' })
      .orderBy('name')
      .select('name', 'value')
    return Object.fromEntries(rows.map(({ name, value }) => [name, JSON.parse(value) as Preference]))
  }

  /** For somebody who is made in the same transaction. */
  async give(trx: Knex.Transaction, userId: string, name: string, value: Preference): Promise<void> {
    await trx('preferences').insert({ user_id: userId, name, value: JSON.stringify(value) })
  }

  /** @param value null forgets it @throws preferences_full */
  async set({ userId = '' }: Actor, name: string, value: Preference | null): Promise<void> {
    await this.state.transaction(async trx => {
      const own = () => trx('preferences').where({ user_id: userId })
      if (value === null) return own().where({ name }).delete()
      const others = await own().whereNot({ name }).count<{ count: number | string }[]>({ count: '*' })
      if (Number(others[0]?.count) >= most) throw PreferencesFull({ most })
      const row = { user_id: userId, name, value: JSON.stringify(value) }
      return trx('preferences').insert(row).onConflict(['user_id', 'name']).merge()
    })
  }
}
