import { type Actor, type Assurance } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Access } from '../rbac/access.js'
import { State } from '../state/state.js'
import { Authenticator } from './authenticator.js'

export interface SessionInfo {
  /** Null for who is not signed in. */
  readonly user: {
    readonly id: string
    readonly username: string
    readonly locale: string
    readonly admin: boolean
    readonly totp: boolean
    readonly accounts: readonly string[]
  } | null
  /** Names; with `*` for administrators. */
  readonly permissions: readonly string[]
  readonly assurance: Assurance
  /** For the X-CSRF-Token header of this session's mutations; empty where none is needed. */
  readonly csrfToken: string
  /** ISO-8601; high-risk permissions need one of the last 10 minutes. */
  readonly reauthenticatedAt?: string
}

/** What a client may know about its own sign-in. */
@scoped(Lifecycle.ContainerScoped)
export class WhoAmI {
  constructor(
    private readonly state: State,
    private readonly access: Access,
    private readonly authenticator: Authenticator,
  ) {}

  async describe(actor: Actor): Promise<SessionInfo> {
    const { assurance, reauthenticatedAt } = actor
    return {
      user: assurance === 'full' ? await this.#user(actor) : null,
      permissions: actor.permissions.has('*')
        ? ['*', ...this.access.list().map(({ name }) => name)]
        : [...actor.permissions].sort(),
      assurance,
      csrfToken: this.authenticator.csrfToken(actor),
      ...(reauthenticatedAt !== undefined && { reauthenticatedAt: new Date(reauthenticatedAt).toISOString() }),
    }
  }

  async #user({ id, userId = id, name, locale, admin, accounts }: Actor): Promise<SessionInfo['user']> {
    const row = await this.state.knex('users').where({ id: userId }).first('username', 'totp_secret')
    const username: string = row?.username ?? name
    return { id: userId, username, locale, admin, totp: Boolean(row?.totp_secret), accounts }
  }
}
