import { type Actor, type Knex, newId, type Page } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { AuditLog } from '../audit/audit-log.js'
import { ApiTokens } from '../auth/api-tokens.js'
import { Passwords } from '../auth/passwords.js'
import { SecondFactor } from '../auth/second-factor.js'
import { Sessions, type SessionView } from '../auth/sessions.js'
import { NotFound } from '../http/errors.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { Accounts } from './accounts.js'
import { LastAdministrator, UsernameTaken } from './errors.js'
import { requireHeld, requireMember } from './grants.js'
import { orderedPage } from './ordered.js'
import { type Principal, type PrincipalRow, Principals } from './principals.js'
import { Roles } from './roles.js'
import type { OrderedQuery } from './schemas.js'

export interface NewUser {
  readonly username: string
  readonly password: string
  readonly locale: string
  /** Ids of roles. */
  readonly roles: readonly string[]
  /** Ids of accounts to belong to; absent: an account of the user's own name. */
  readonly accounts?: readonly string[]
}

export interface UserPatch {
  readonly username?: string
  readonly locale?: string
  readonly disabled?: boolean
  readonly roles?: readonly string[]
  /** Ids of accounts to belong to. */
  readonly accounts?: readonly string[]
}

export interface UserView {
  readonly id: string
  readonly username: string
  readonly locale: string
  readonly disabled: boolean
  readonly totp: boolean
  readonly roles: readonly string[]
  readonly accounts: readonly string[]
  readonly createdAt: string
  /** Null for who never did. */
  readonly lastSignInAt: string | null
}

interface ExtraRow {
  readonly created_at: string
  readonly totp: number
  readonly last_sign_in_at: string | null
}

type ViewRow = PrincipalRow & ExtraRow

/** The addresses that somebody signed in from are kept at least until they sign in again. */
const lastSignIn = '(select max(k.last_seen_at) from known_addresses k where k.user_id = u.id)'

/** What users can be ordered by. Who never signed in comes before all others. */
export const userOrders = {
  username: 'u.username_key',
  createdAt: 'u.created_at',
  lastSignInAt: `coalesce(${lastSignIn}, '')`,
} as const
export type UserOrder = keyof typeof userOrders

/** Users as administrators see them. */
@scoped(Lifecycle.ContainerScoped)
export class Users {
  constructor(
    private readonly state: State,
    private readonly clock: Clock,
    private readonly principals: Principals,
    private readonly roles: Roles,
    private readonly accounts: Accounts,
    private readonly passwords: Passwords,
    private readonly secondFactor: SecondFactor,
    private readonly sessions: Sessions,
    private readonly tokens: ApiTokens,
    private readonly audit: AuditLog,
  ) {}

  async list({ q, ...page }: OrderedQuery<UserOrder>): Promise<Page<UserView>> {
    const query = this.#query()
    if (q) query.whereLike('u.username_key', `%${q.toLowerCase().replace(/[%_\\]/g, '')}%`)
    const { rows, nextCursor } = await orderedPage<ViewRow, UserOrder>(query, this.state.knex, userOrders, 'u.id', page)
    const items = rows.map(row => this.#view(row))
    return nextCursor ? { items, nextCursor } : { items }
  }

  async get(id: string): Promise<UserView> {
    const row = await this.#query().where('u.id', id).first()
    if (!row) throw NotFound({ type: 'user' })
    return this.#view(row)
  }

  /** @throws UsernameTaken, RoleUnknown, AccountUnknown, GrantTooWide, PasswordTooShort, … */
  async create(actor: Actor, input: NewUser): Promise<UserView> {
    await this.passwords.check(input.password, input.username, false)
    const password_hash = await this.passwords.hash(input.password)
    const id = newId()
    await this.state.transaction(async trx => {
      await this.insert(trx, id, input, password_hash)
      requireHeld(actor, await this.roles.permissionsOf(trx, input.roles), 'roles')
      requireMember(actor, input.accounts ?? [])
      const { username, locale, roles, accounts } = input
      const params = { username, locale, roles, accounts }
      await this.audit.append(trx, { actor, action: 'users.create', target: `user:${id}`, params, outcome: 'success' })
    })
    return this.get(id)
  }

  /** The rows of a new user, without any check of who asks. */
  async insert(trx: Knex.Transaction, id: string, input: NewUser, password_hash: string): Promise<void> {
    const { username, locale, password } = input
    const username_key = username.toLowerCase()
    if (await trx('users').where({ username_key }).first('id')) throw UsernameTaken({ username })
    const at = this.clock.now().toISOString()
    const password_short = Number(this.passwords.isShort(password))
    await trx('users').insert({
      id,
      username,
      username_key,
      password_hash,
      password_short,
      password_changed_at: at,
      locale,
      disabled: 0,
      created_at: at,
    })
    await this.roles.assign(trx, id, input.roles)
    if (input.accounts) await this.accounts.join(trx, id, input.accounts)
    else await this.accounts.createOwn(trx, id, username)
  }

  /**
   * Disabling ends the user's sessions at once.
   *
   * @throws NotFound, LastAdministrator, GrantTooWide, UsernameTaken, RoleUnknown, AccountUnknown
   */
  async update(actor: Actor, id: string, patch: UserPatch): Promise<UserView> {
    await this.state.transaction(async trx => {
      const user = await this.#manage(trx, actor, id)
      if (patch.username !== undefined) await this.#rename(trx, id, patch.username)
      const columns = {
        ...(patch.locale !== undefined && { locale: patch.locale }),
        ...(patch.disabled !== undefined && { disabled: Number(patch.disabled) }),
      }
      if (Object.keys(columns).length > 0) await trx('users').where({ id }).update(columns)
      if (patch.roles) {
        requireHeld(actor, await this.roles.permissionsOf(trx, patch.roles), 'roles')
        await this.roles.assign(trx, id, patch.roles)
      }
      if (patch.accounts) await this.#setAccounts(trx, actor, user, patch.accounts)
      if (patch.disabled) await this.sessions.revokeAll(id, trx)
      await this.#administratorLeft(trx, user)
      await this.audit.append(trx, {
        actor,
        action: 'users.update',
        target: `user:${id}`,
        params: patch,
        outcome: 'success',
      })
    })
    return this.get(id)
  }

  /** @throws NotFound, LastAdministrator, GrantTooWide */
  async remove(actor: Actor, id: string): Promise<void> {
    await this.state.transaction(async trx => {
      const user = await this.#manage(trx, actor, id)
      await trx('users').where({ id }).delete()
      await this.#administratorLeft(trx, user)
      const params = { username: user.username }
      await this.audit.append(trx, { actor, action: 'users.delete', target: `user:${id}`, params, outcome: 'success' })
    })
  }

  /** Ends every session of the user and revokes their tokens: whoever knew the old password could have made some. */
  async setPassword(actor: Actor, id: string, password: string): Promise<void> {
    const { username, totp } = await this.get(id)
    await this.passwords.check(password, username, totp)
    const password_hash = await this.passwords.hash(password)
    await this.state.transaction(async trx => {
      await this.#manage(trx, actor, id)
      await this.writePassword(trx, id, password, password_hash)
      await this.sessions.revokeAll(id, trx)
      await this.tokens.removeAll(id, trx)
      await this.audit.append(trx, { actor, action: 'users.setPassword', target: `user:${id}`, outcome: 'success' })
    })
  }

  async writePassword(trx: Knex.Transaction, id: string, password: string, password_hash: string): Promise<void> {
    const password_short = Number(this.passwords.isShort(password))
    const password_changed_at = this.clock.now().toISOString()
    await trx('users').where({ id }).update({ password_hash, password_short, password_changed_at })
  }

  /** For who lost the second factor. Ends every session of the user. @throws NotFound, GrantTooWide, PasswordNeedsSecondFactor */
  async removeTotp(actor: Actor, id: string): Promise<void> {
    await this.state.transaction(async trx => {
      await this.#manage(trx, actor, id)
      await this.secondFactor.clear(trx, id)
      await this.sessions.revokeAll(id, trx)
      await this.audit.append(trx, { actor, action: 'users.removeTotp', target: `user:${id}`, outcome: 'success' })
    })
  }

  /** @throws NotFound */
  async listSessions(actor: Actor, id: string): Promise<Page<SessionView>> {
    await this.get(id)
    return this.sessions.list(id, actor.sessionId)
  }

  /** All but the one that asks. @throws NotFound, GrantTooWide */
  async endSessions(actor: Actor, id: string): Promise<void> {
    await this.state.transaction(async trx => {
      await this.#manage(trx, actor, id)
      const params = { count: await this.sessions.revokeAll(id, trx, actor.sessionId) }
      await this.audit.append(trx, {
        actor,
        action: 'users.endSessions',
        target: `user:${id}`,
        params,
        outcome: 'success',
      })
    })
  }

  async #rename(trx: Knex.Transaction, id: string, username: string): Promise<void> {
    const username_key = username.toLowerCase()
    if (await trx('users').where({ username_key }).whereNot({ id }).first('id')) throw UsernameTaken({ username })
    await trx('users').where({ id }).update({ username, username_key })
  }

  /** Who does not administer can let into, and put out of, the own accounts alone. */
  async #setAccounts(
    trx: Knex.Transaction,
    actor: Actor,
    { id, accounts: before }: Principal,
    accounts: readonly string[],
  ): Promise<void> {
    const left = before.filter(account => !accounts.includes(account))
    const joined = accounts.filter(account => !before.includes(account))
    requireMember(actor, [...left, ...joined])
    await trx('account_members').where({ user_id: id }).whereIn('account_id', left).delete()
    await this.accounts.join(trx, id, joined)
  }

  /** The user, when the actor holds everything that they hold. The lock keeps two from removing each other. */
  async #manage(trx: Knex.Transaction, actor: Actor, id: string): Promise<Principal> {
    await this.roles.lock(trx)
    const user = await this.principals.find(id, trx)
    if (!user) throw NotFound({ type: 'user' })
    requireHeld(actor, this.principals.permissions(user))
    return user
  }

  async #administratorLeft(trx: Knex.Transaction, changed: Principal): Promise<void> {
    if (!this.principals.isAdmin(changed)) return
    const left = await trx('users as u')
      .join('user_roles as ur', 'ur.user_id', 'u.id')
      .where({ 'ur.role_id': 'admin', 'u.disabled': 0 })
      .first('u.id')
    if (!left) throw LastAdministrator({ username: changed.username })
  }

  #query() {
    const { knex } = this.state
    const query = this.principals.select(knex('users as u').select('u.created_at'))
    return query.select(
      knex.raw('case when u.totp_secret is null then 0 else 1 end as totp'),
      knex.raw(`${lastSignIn} as last_sign_in_at`),
    )
  }

  #view(row: ViewRow): UserView {
    const { id, username, locale, disabled, roles, accounts } = this.principals.parse(row)
    const roleIds = roles.map(role => role.id)
    return {
      id,
      username,
      locale,
      disabled,
      totp: Boolean(row.totp),
      roles: roleIds,
      accounts,
      createdAt: row.created_at,
      lastSignInAt: row.last_sign_in_at,
    }
  }
}
