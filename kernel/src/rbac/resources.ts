import type { Actor, Knex, PluginResources, ResourceRow } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { NoAccount, ParentForeign } from './errors.js'

interface Row {
  readonly id: string
  readonly type: string
  readonly account_id: string
  readonly parent_id: string | null
}

/** Who owns what: rows of plugins hang below a resource, a resource below an account. */
@scoped(Lifecycle.ContainerScoped)
export class Resources implements PluginResources {
  constructor(
    private readonly state: State,
    private readonly clock: Clock,
  ) {}

  /** @throws ParentForeign */
  async create(
    trx: Knex.Transaction,
    resource: { readonly id: string; readonly type: string; readonly accountId: string; readonly parentId?: string },
  ): Promise<void> {
    const { id, type, accountId, parentId } = resource
    if (parentId) {
      const parent: Row | undefined = await trx('resources').where({ id: parentId }).first()
      if (parent?.account_id !== accountId) throw ParentForeign({ parent: parentId })
    }
    const created_at = this.clock.now().toISOString()
    await trx('resources').insert({ id, type, account_id: accountId, parent_id: parentId ?? null, created_at })
  }

  async remove(trx: Knex.Transaction, id: string): Promise<void> {
    await trx('resources').where({ id }).delete()
  }

  async find(actor: Actor, type: string, id: string): Promise<ResourceRow | null> {
    const query = this.state.knex('resources').where({ 'resources.id': id, 'resources.type': type }).first()
    const row: Row | undefined = await this.scope(query, actor, 'resources.id')
    return row ? { id: row.id, type: row.type, accountId: row.account_id, parentId: row.parent_id } : null
  }

  scope<Q extends Knex.QueryBuilder>(query: Q, actor: Actor, idColumn: string): Q {
    if (actor.admin) return query
    const own = this.state
      .knex('resources as scoped')
      .select('scoped.id')
      .whereIn('scoped.account_id', [...actor.accounts])
    query.whereIn(idColumn, own)
    return query
  }

  /** The actor's oldest account; for who belongs to none and sees all, the oldest there is. @throws NoAccount */
  async defaultAccount(actor: Actor): Promise<string> {
    const query = this.state.knex('accounts').orderBy(['created_at', 'id']).first('id')
    if (actor.accounts.length > 0 || !actor.admin) query.whereIn('id', [...actor.accounts])
    const row: { id: string } | undefined = await query
    if (!row) throw NoAccount()
    return row.id
  }
}
