import { createHash, randomBytes } from 'node:crypto'
import { type Actor, type Knex, newId, type Page } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { AuditLog } from '../audit/audit-log.js'
import { NotFound } from '../http/errors.js'
import { Access } from '../rbac/access.js'
import { PermissionUnknown } from '../rbac/errors.js'
import { type PrincipalRow, Principals } from '../rbac/principals.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { SessionNeeded, TokenExpiryPast, TokenNameTaken, TokenScopeTooWide } from './errors.js'

export interface TokenInput {
  readonly name: string
  /** Permission names; `*` stands for every permission of low risk that the maker holds when the token is used. */
  readonly permissions: readonly string[]
  /** ISO-8601; default in 90 days, null for never. */
  readonly expiresAt?: string | null
}

export interface TokenView {
  readonly id: string
  readonly name: string
  readonly permissions: readonly string[]
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
}

interface TokenRow {
  readonly id: string
  readonly name: string
  readonly permissions: string
  readonly created_at: string
  readonly expires_at: string | null
  readonly last_used_at: string | null
}

const prefix = 'nusa_'
const defaultDays = 90
const dayMs = 86_400_000
const touchMs = 60_000

/** Tokens for programs. Each can do at most what its maker can at the moment of use, and what it was made for. */
@scoped(Lifecycle.ContainerScoped)
export class ApiTokens {
  readonly #byHash: (hash: string) => Promise<unknown>

  constructor(
    private readonly state: State,
    private readonly clock: Clock,
    private readonly access: Access,
    private readonly principals: Principals,
    private readonly audit: AuditLog,
  ) {
    this.#byHash = principals.lookup(hash =>
      state
        .knex('api_tokens as t')
        .join('users as u', 'u.id', 't.user_id')
        .where('t.hash', hash)
        .first('t.id as token_id', 't.name as token_name', 't.permissions', 't.expires_at', 't.last_used_at'),
    )
  }

  /** The token itself is in this answer and nowhere else. @throws SessionNeeded, TokenScopeTooWide, TokenNameTaken, … */
  async create(actor: Actor, input: TokenInput): Promise<TokenView & { readonly token: string }> {
    const userId = sessionUser(actor)
    this.#checkScope(actor, input.permissions)
    const token = prefix + randomBytes(32).toString('base64url')
    const row = {
      id: newId(),
      user_id: userId,
      name: input.name,
      hash: hash(token),
      permissions: JSON.stringify([...new Set(input.permissions)].sort()),
      created_at: this.clock.now().toISOString(),
      expires_at: this.#expiry(input.expiresAt),
      last_used_at: null,
    }
    await this.state.transaction(async trx => {
      const taken = await trx('api_tokens').where({ user_id: userId, name: input.name }).first('id')
      if (taken) throw TokenNameTaken({ name: input.name })
      await trx('api_tokens').insert(row)
      const params = { name: row.name, permissions: JSON.parse(row.permissions), expiresAt: row.expires_at }
      await this.audit.append(trx, {
        actor,
        action: 'tokens.create',
        target: `token:${row.id}`,
        params,
        outcome: 'success',
      })
    })
    return { ...view(row), token }
  }

  async list(actor: Actor): Promise<Page<TokenView>> {
    const rows: TokenRow[] = await this.state
      .knex('api_tokens')
      .where({ user_id: actor.userId ?? '' })
      .orderBy('id')
    return { items: rows.map(view) }
  }

  async remove(actor: Actor, id: string): Promise<void> {
    await this.state.transaction(async trx => {
      const deleted = await trx('api_tokens')
        .where({ id, user_id: actor.userId ?? '' })
        .delete()
      if (deleted !== 1) throw NotFound({ type: 'token' })
      await this.audit.append(trx, { actor, action: 'tokens.delete', target: `token:${id}`, outcome: 'success' })
    })
  }

  async removeAll(userId: string, trx: Knex.Transaction): Promise<void> {
    await trx('api_tokens').where({ user_id: userId }).delete()
  }

  /** The actor behind a token; null when it is unknown or expired, or its maker is disabled. */
  async identify(token: string, address: string): Promise<Actor | null> {
    if (!token.startsWith(prefix)) return null
    const row = (await this.#byHash(hash(token))) as
      | (PrincipalRow & TokenRow & { readonly token_id: string; readonly token_name: string })
      | undefined
    const now = this.clock.now()
    if (!row || row.disabled || (row.expires_at && Date.parse(row.expires_at) <= now.getTime())) return null
    if (!row.last_used_at || now.getTime() - Date.parse(row.last_used_at) >= touchMs) {
      await this.state.knex('api_tokens').where({ id: row.token_id }).update({ last_used_at: now.toISOString() })
    }
    const maker = this.principals.toActor(this.principals.parse(row))
    return {
      ...maker,
      kind: 'token',
      id: row.token_id,
      name: `${maker.name}/${row.token_name}`,
      permissions: this.#effective(maker, JSON.parse(row.permissions) as string[]),
      address,
    }
  }

  #effective(maker: Actor, scope: readonly string[]): ReadonlySet<string> {
    const held = (name: string) => maker.permissions.has('*') || maker.permissions.has(name)
    const named = scope.filter(name => name !== '*' && held(name))
    if (!scope.includes('*')) return new Set(named)
    const lowRisk = this.access.list().filter(({ name, risk }) => risk === 'low' && held(name))
    return new Set([...named, ...lowRisk.map(({ name }) => name)])
  }

  #checkScope(actor: Actor, permissions: readonly string[]): void {
    for (const permission of permissions) {
      if (permission === '*') continue
      if (!this.access.find(permission)) throw PermissionUnknown({ permission })
      if (!actor.permissions.has('*') && !actor.permissions.has(permission)) throw TokenScopeTooWide({ permission })
    }
  }

  #expiry(expiresAt: string | null | undefined): string | null {
    if (expiresAt === null) return null
    const now = this.clock.now().getTime()
    if (expiresAt === undefined) return new Date(now + defaultDays * dayMs).toISOString()
    if (!(Date.parse(expiresAt) > now)) throw TokenExpiryPast({ expiresAt })
    return new Date(expiresAt).toISOString()
  }
}

/** The user of a browser session; a token must not make or change what outlives it. @throws SessionNeeded */
export function sessionUser(actor: Actor): string {
  if (actor.kind !== 'user' || !actor.userId) throw SessionNeeded()
  return actor.userId
}

function view(row: TokenRow): TokenView {
  return {
    id: row.id,
    name: row.name,
    permissions: JSON.parse(row.permissions) as string[],
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  }
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
