import type { Actor, Knex } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { State } from '../state/state.js'
import { Access } from './access.js'

/** A user as sign-in and permission checks need it, read by one query. */
export interface Principal {
  readonly id: string
  readonly username: string
  readonly locale: string
  readonly disabled: boolean
  readonly roles: readonly { readonly id: string; readonly permissions: readonly string[] }[]
  readonly accounts: readonly string[]
}

export interface PrincipalRow {
  readonly user_id: string
  readonly username: string
  readonly locale: string
  readonly disabled: number
  readonly roles: string
  readonly accounts: string
}

const everything: ReadonlySet<string> = new Set(['*'])

/** Reads users with their roles and accounts, and says what they may. */
@scoped(Lifecycle.ContainerScoped)
export class Principals {
  constructor(
    private readonly state: State,
    private readonly access: Access,
  ) {}

  /** Adds the columns of {@link PrincipalRow} to a query that has `users as u`. */
  select<Q extends Knex.QueryBuilder>(query: Q): Q {
    const roles = 'from user_roles ur join roles r on r.id = ur.role_id where ur.user_id = u.id'
    const accounts = 'from account_members m where m.user_id = u.id'
    const [roleList, accountList] =
      this.state.dialect === 'sqlite'
        ? [
            `(select json_group_array(json_object('id', r.id, 'permissions', json(r.permissions))) ${roles})`,
            `(select json_group_array(m.account_id) ${accounts})`,
          ]
        : [
            `coalesce((select json_agg(json_build_object('id', r.id, 'permissions', r.permissions::json))::text ${roles}), '[]')`,
            `coalesce((select json_agg(m.account_id)::text ${accounts}), '[]')`,
          ]
    const { knex } = this.state
    query.select('u.id as user_id', 'u.username', 'u.locale', 'u.disabled')
    query.select(knex.raw(`${roleList} as roles`), knex.raw(`${accountList} as accounts`))
    return query
  }

  /**
   * A query that is built once and asked with every request.
   *
   * @param build puts the given value into its only condition
   */
  lookup(build: (value: string) => Knex.QueryBuilder): (value: string) => Promise<unknown> {
    const placeholder = 'value'
    let fixed: { readonly sql: string; readonly bindings: readonly (string | number)[] } | undefined
    return value => {
      fixed ??= this.select(build(placeholder)).toSQL() as typeof fixed & object
      return this.state.lookup(
        fixed.sql,
        fixed.bindings.map(binding => (binding === placeholder ? value : binding)),
      )
    }
  }

  parse(row: PrincipalRow): Principal {
    return {
      id: row.user_id,
      username: row.username,
      locale: row.locale,
      disabled: Boolean(row.disabled),
      roles: JSON.parse(row.roles) as Principal['roles'],
      accounts: JSON.parse(row.accounts) as string[],
    }
  }

  async find(userId: string, trx?: Knex.Transaction): Promise<Principal | null> {
    const query = (trx ?? this.state.knex)('users as u').where('u.id', userId).first()
    const row = (await this.select(query)) as PrincipalRow | undefined
    return row ? this.parse(row) : null
  }

  isAdmin(principal: Principal): boolean {
    return principal.roles.some(role => role.id === 'admin')
  }

  /** What all roles together give; `*` for administrators. */
  permissions(principal: Principal): ReadonlySet<string> {
    if (this.isAdmin(principal)) return everything
    if (principal.roles.length === 1 && principal.roles[0]?.id === 'user') return this.access.ofUsers
    return new Set(principal.roles.flatMap(role => (role.id === 'user' ? [...this.access.ofUsers] : role.permissions)))
  }

  /**
   * The user as an actor outside any session, for work that goes on after the request: a job asks again, when it runs,
   * what its actor may do now. Null when the user is gone or disabled.
   */
  async actor(userId: string): Promise<Actor | null> {
    const principal = await this.find(userId)
    return principal && !principal.disabled ? this.toActor(principal) : null
  }

  toActor(principal: Principal): Actor {
    return {
      kind: 'user',
      id: principal.id,
      userId: principal.id,
      name: principal.username,
      assurance: 'full',
      admin: this.isAdmin(principal),
      permissions: this.permissions(principal),
      accounts: principal.accounts,
      locale: principal.locale,
    }
  }
}
