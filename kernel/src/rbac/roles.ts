import { type Actor, type Knex, newId, type Page } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { AuditLog } from '../audit/audit-log.js'
import { NotFound } from '../http/errors.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { Access } from './access.js'
import { PermissionUnknown, RoleBuiltIn, RoleInUse, RoleNameTaken, RoleUnknown } from './errors.js'
import { requireHeld } from './grants.js'

export interface RoleInput {
  readonly name: string
  readonly description?: string
  readonly permissions: readonly string[]
}

export interface RoleView {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly builtIn: boolean
  readonly permissions: readonly string[]
  /** How many users hold it. */
  readonly users: number
}

interface RoleRow {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly built_in: number
  readonly permissions: string
}

type CountedRow = RoleRow & { readonly users: number | string }

/** The built-in roles `admin` and `user`, and those that administrators make. */
@scoped(Lifecycle.ContainerScoped)
export class Roles {
  constructor(
    private readonly state: State,
    private readonly clock: Clock,
    private readonly access: Access,
    private readonly audit: AuditLog,
  ) {}

  async list(): Promise<Page<RoleView>> {
    const rows: CountedRow[] = await this.#counted().orderBy([{ column: 'built_in', order: 'desc' }, 'name'])
    return { items: rows.map(row => this.#view(row)) }
  }

  async get(id: string): Promise<RoleView> {
    const row: CountedRow | undefined = await this.#counted().where({ id }).first()
    if (!row) throw NotFound({ type: 'role' })
    return this.#view(row)
  }

  /** @throws PermissionUnknown, GrantTooWide, RoleNameTaken */
  async create(actor: Actor, input: RoleInput): Promise<RoleView> {
    const id = newId()
    this.#check(actor, input.permissions)
    await this.state.transaction(async trx => {
      await this.#nameFree(trx, input.name)
      await trx('roles').insert({
        id,
        name: input.name,
        description: input.description ?? '',
        built_in: 0,
        permissions: JSON.stringify(input.permissions),
        updated_at: this.clock.now().toISOString(),
      })
      await this.audit.append(trx, {
        actor,
        action: 'roles.create',
        target: `role:${id}`,
        params: input,
        outcome: 'success',
      })
    })
    return this.get(id)
  }

  /** The actor must hold what the role held and what it will hold. @throws RoleBuiltIn, … */
  async update(actor: Actor, id: string, patch: Partial<RoleInput>): Promise<RoleView> {
    await this.state.transaction(async trx => {
      const role = await this.#own(trx, id)
      requireHeld(actor, JSON.parse(role.permissions) as string[])
      if (patch.permissions) this.#check(actor, patch.permissions)
      if (patch.name !== undefined && patch.name !== role.name) await this.#nameFree(trx, patch.name)
      await trx('roles')
        .where({ id })
        .update({
          name: patch.name ?? role.name,
          description: patch.description ?? role.description,
          permissions: patch.permissions ? JSON.stringify(patch.permissions) : role.permissions,
          updated_at: this.clock.now().toISOString(),
        })
      await this.audit.append(trx, {
        actor,
        action: 'roles.update',
        target: `role:${id}`,
        params: patch,
        outcome: 'success',
      })
    })
    return this.get(id)
  }

  /** @throws RoleBuiltIn, RoleInUse */
  async remove(actor: Actor, id: string): Promise<void> {
    await this.state.transaction(async trx => {
      const role = await this.#own(trx, id)
      requireHeld(actor, JSON.parse(role.permissions) as string[])
      const holders: unknown[] = await trx('user_roles').where({ role_id: id }).select('user_id')
      if (holders.length > 0) throw RoleInUse({ name: role.name, users: holders.length })
      await trx('roles').where({ id }).delete()
      const params = { name: role.name }
      await this.audit.append(trx, { actor, action: 'roles.delete', target: `role:${id}`, params, outcome: 'success' })
    })
  }

  /** Makes these the user's roles. @throws RoleUnknown */
  async assign(trx: Knex.Transaction, userId: string, roleIds: readonly string[]): Promise<void> {
    await this.permissionsOf(trx, roleIds)
    await trx('user_roles').where({ user_id: userId }).delete()
    const rows = [...new Set(roleIds)].map(role_id => ({ user_id: userId, role_id }))
    if (rows.length > 0) await trx('user_roles').insert(rows)
  }

  /** What the roles give together. @throws RoleUnknown */
  async permissionsOf(trx: Knex.Transaction, roleIds: readonly string[]): Promise<string[]> {
    const rows: RoleRow[] = await trx('roles').whereIn('id', [...roleIds])
    const unknown = roleIds.find(id => !rows.some(row => row.id === id))
    if (unknown !== undefined) throw RoleUnknown({ role: unknown })
    return rows.flatMap(row => this.#permissions(row))
  }

  /** Held until the transaction ends, by everything that changes who administers. */
  async lock(trx: Knex.Transaction): Promise<void> {
    await trx('roles').where({ id: 'admin' }).update({ updated_at: this.clock.now().toISOString() })
  }

  async #own(trx: Knex.Transaction, id: string): Promise<RoleRow> {
    await this.lock(trx)
    const row: RoleRow | undefined = await trx('roles').where({ id }).first()
    if (!row) throw NotFound({ type: 'role' })
    if (row.built_in) throw RoleBuiltIn({ name: row.name })
    return row
  }

  async #nameFree(trx: Knex.Transaction, name: string): Promise<void> {
    if (await trx('roles').where({ name }).first('id')) throw RoleNameTaken({ name })
  }

  #check(actor: Actor, permissions: readonly string[]): void {
    for (const permission of permissions) if (!this.access.find(permission)) throw PermissionUnknown({ permission })
    requireHeld(actor, permissions, 'permissions')
  }

  #counted() {
    const { knex } = this.state
    const users = knex('user_roles').whereRaw('user_roles.role_id = roles.id').count().as('users')
    return knex('roles').select('roles.*', users)
  }

  #permissions(row: RoleRow): string[] {
    return row.id === 'user' ? [...this.access.ofUsers] : (JSON.parse(row.permissions) as string[])
  }

  #view(row: CountedRow): RoleView {
    const { id, name, description } = row
    const permissions = this.#permissions(row)
    return { id, name, description, builtIn: Boolean(row.built_in), permissions, users: Number(row.users) }
  }
}
