import { type Actor, type Knex, newId, type Page } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { AuditLog } from '../audit/audit-log.js'
import { NotFound } from '../http/errors.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { AccountInUse, AccountNameTaken, AccountUnknown, MemberUnknown } from './errors.js'
import { requireHeld } from './grants.js'
import { orderedPage } from './ordered.js'
import { Principals } from './principals.js'
import type { OrderedQuery } from './schemas.js'

export interface AccountView {
  readonly id: string
  readonly name: string
  /** Ids of users. */
  readonly members: readonly string[]
  readonly createdAt: string
  /** How many things it owns; while there are any it cannot be removed. */
  readonly resources: number
}

/** What accounts can be ordered by. */
export const accountOrders = { name: 'lower(accounts.name)', createdAt: 'accounts.created_at' } as const
export type AccountOrder = keyof typeof accountOrders

interface AccountRow {
  readonly id: string
  readonly name: string
  readonly created_at: string
}

/** Accounts own resources; their members may use them. Who does not administer sees the own ones only. */
@scoped(Lifecycle.ContainerScoped)
export class Accounts {
  constructor(
    private readonly state: State,
    private readonly clock: Clock,
    private readonly principals: Principals,
    private readonly audit: AuditLog,
  ) {}

  async list(actor: Actor, { q, ...page }: OrderedQuery<AccountOrder>): Promise<Page<AccountView>> {
    const query = this.#scoped(this.state.knex('accounts').select('accounts.*'), actor)
    if (q) query.whereILike('name', `%${q.replace(/[%_\\]/g, '')}%`)
    const { rows, nextCursor } = await orderedPage<AccountRow, AccountOrder>(
      query,
      this.state.knex,
      accountOrders,
      'accounts.id',
      page,
    )
    const items = await this.#views(rows)
    return nextCursor ? { items, nextCursor } : { items }
  }

  async get(actor: Actor, id: string): Promise<AccountView> {
    const row = await this.#find(this.state.knex('accounts'), actor, id)
    const [found] = await this.#views([row])
    if (!found) throw NotFound({ type: 'account' })
    return found
  }

  /** Who is not an administrator becomes a member of what they make. @throws AccountNameTaken, MemberUnknown, GrantTooWide */
  async create(actor: Actor, name: string, members: readonly string[] = []): Promise<AccountView> {
    const id = newId()
    await this.state.transaction(async trx => {
      await this.#insert(trx, id, name)
      const own = actor.userId && !actor.admin ? [actor.userId] : []
      for (const user of own) await this.join(trx, user, [id])
      if (members.length > 0) await this.#setMembers(trx, actor, id, [...new Set([...own, ...members])])
      await this.audit.append(trx, {
        actor,
        action: 'accounts.create',
        target: `account:${id}`,
        params: members.length > 0 ? { name, members } : { name },
        outcome: 'success',
      })
    })
    const [view] = await this.#views([await this.state.knex('accounts').where({ id }).first()])
    if (!view) throw NotFound({ type: 'account' })
    return view
  }

  /** @throws NotFound, AccountNameTaken, MemberUnknown, GrantTooWide */
  async update(
    actor: Actor,
    id: string,
    patch: { readonly name?: string; readonly members?: readonly string[] },
  ): Promise<AccountView> {
    await this.state.transaction(async trx => {
      const row = await this.#find(trx('accounts'), actor, id)
      if (patch.name !== undefined && patch.name !== row.name) {
        await this.#nameFree(trx, patch.name)
        await trx('accounts').where({ id }).update({ name: patch.name })
      }
      if (patch.members) await this.#setMembers(trx, actor, id, patch.members)
      await this.audit.append(trx, {
        actor,
        action: 'accounts.update',
        target: `account:${id}`,
        params: patch,
        outcome: 'success',
      })
    })
    const [view] = await this.#views([await this.state.knex('accounts').where({ id }).first()])
    if (!view) throw NotFound({ type: 'account' })
    return view
  }

  /** @throws NotFound, AccountInUse */
  async remove(actor: Actor, id: string): Promise<void> {
    await this.state.transaction(async trx => {
      const row = await this.#find(trx('accounts'), actor, id)
      const owned: unknown[] = await trx('resources').where({ account_id: id }).select('id')
      if (owned.length > 0) throw AccountInUse({ name: row.name, resources: owned.length })
      await trx('accounts').where({ id }).delete()
      const params = { name: row.name }
      await this.audit.append(trx, {
        actor,
        action: 'accounts.delete',
        target: `account:${id}`,
        params,
        outcome: 'success',
      })
    })
  }

  /** @throws AccountUnknown */
  async join(trx: Knex.Transaction, userId: string, accountIds: readonly string[]): Promise<void> {
    for (const account_id of new Set(accountIds)) {
      if (!(await trx('accounts').where({ id: account_id }).first('id'))) throw AccountUnknown({ account: account_id })
      await trx('account_members').insert({ account_id, user_id: userId })
    }
  }

  /** An account of the user's own name; when that is taken by another, with a number. */
  async createOwn(trx: Knex.Transaction, userId: string, name: string): Promise<void> {
    const id = newId()
    let free = name
    for (let number = 2; await trx('accounts').where({ name: free }).first('id'); number++) free = `${name} ${number}`
    await this.#insert(trx, id, free)
    await this.join(trx, userId, [id])
  }

  /** Who does not administer can let in and put out those alone who hold no more than they do. */
  async #setMembers(trx: Knex.Transaction, actor: Actor, id: string, members: readonly string[]): Promise<void> {
    const known: { id: string }[] = await trx('users')
      .whereIn('id', [...members])
      .select('id')
    const unknown = members.find(member => !known.some(user => user.id === member))
    if (unknown !== undefined) throw MemberUnknown({ user: unknown })
    const present: { user_id: string }[] = await trx('account_members').where({ account_id: id }).select('user_id')
    const before = present.map(member => member.user_id)
    const [left, joined] = [
      before.filter(user => !members.includes(user)),
      members.filter(user => !before.includes(user)),
    ]
    for (const changed of [...left, ...joined]) {
      const user = actor.admin ? null : await this.principals.find(changed, trx)
      if (user) requireHeld(actor, this.principals.permissions(user), 'members')
    }
    await trx('account_members').where({ account_id: id }).delete()
    if (known.length > 0) await trx('account_members').insert(known.map(user => ({ account_id: id, user_id: user.id })))
  }

  async #find(query: Knex.QueryBuilder, actor: Actor, id: string): Promise<AccountRow> {
    const row: AccountRow | undefined = await this.#scoped(query, actor).where({ id }).first()
    if (!row) throw NotFound({ type: 'account' })
    return row
  }

  #scoped<Q extends Knex.QueryBuilder>(query: Q, actor: Actor): Q {
    if (!actor.admin) query.whereIn('id', [...actor.accounts])
    return query
  }

  async #insert(trx: Knex.Transaction, id: string, name: string): Promise<void> {
    await this.#nameFree(trx, name)
    await trx('accounts').insert({ id, name, created_at: this.clock.now().toISOString() })
  }

  async #nameFree(trx: Knex.Transaction, name: string): Promise<void> {
    if (await trx('accounts').where({ name }).first('id')) throw AccountNameTaken({ name })
  }

  async #views(rows: readonly AccountRow[]): Promise<AccountView[]> {
    const ids = rows.map(row => row.id)
    const members: { account_id: string; user_id: string }[] = await this.state
      .knex('account_members')
      .whereIn('account_id', ids)
      .orderBy('user_id')
    const owned: { account_id: string; count: number | string }[] = await this.state
      .knex('resources')
      .whereIn('account_id', ids)
      .groupBy('account_id')
      .select('account_id')
      .count('id as count')
    return rows.map(({ id, name, created_at }) => ({
      id,
      name,
      members: members.filter(member => member.account_id === id).map(member => member.user_id),
      createdAt: created_at,
      resources: Number(owned.find(({ account_id }) => account_id === id)?.count ?? 0),
    }))
  }
}
