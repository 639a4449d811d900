import { type Actor, anonymous } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { type PrincipalRow, Principals } from '../rbac/principals.js'
import { State } from '../state/state.js'
import { ApiTokens } from './api-tokens.js'
import { cookieName } from './cookie.js'
import { type SessionRow, Sessions } from './sessions.js'

export interface Credentials {
  /** The whole Cookie header. */
  readonly cookie?: string
  /** The whole Authorization header. */
  readonly authorization?: string
  readonly address: string
  readonly userAgent?: string
}

const nothing: ReadonlySet<string> = new Set()

/** Says who a request is from, the same for API, event stream and WebSocket. */
@scoped(Lifecycle.ContainerScoped)
export class Authenticator {
  readonly cookieName = cookieName
  /** Asked anew with every request, so that revoking works at once. */
  readonly #bySecret: (secretHash: string) => Promise<unknown>

  constructor(
    state: State,
    private readonly sessions: Sessions,
    private readonly tokens: ApiTokens,
    private readonly principals: Principals,
  ) {
    this.#bySecret = principals.lookup(secretHash =>
      state
        .knex('sessions as s')
        .join('users as u', 'u.id', 's.user_id')
        .where('s.secret_hash', secretHash)
        .first('s.id', 's.assurance', 's.last_seen_at', 's.expires_at', 's.reauthenticated_at'),
    )
  }

  /**
   * Anonymous when nothing valid was given. A request with an Authorization header is judged by that alone, so that a
   * wrong token never falls back to whatever cookie the browser adds.
   */
  async identify({ cookie, authorization, address }: Credentials): Promise<Actor> {
    if (authorization !== undefined) {
      const token = /^Bearer ([\w-]+)$/i.exec(authorization)?.[1]
      return (token && (await this.tokens.identify(token, address))) || { ...anonymous, address }
    }
    const secretHash = await this.sessions.secretHash(cookie)
    return (secretHash && (await this.#session(secretHash, address))) || { ...anonymous, address }
  }

  /** Empty for who has no session and needs none. */
  csrfToken(actor: Actor): string {
    return actor.sessionId ? this.sessions.csrfToken(actor.sessionId) : ''
  }

  verifyCsrf(actor: Actor, token: string): boolean {
    return actor.sessionId !== undefined && this.sessions.verifyCsrf(actor.sessionId, token)
  }

  async #session(secretHash: string, address: string): Promise<Actor | null> {
    const row = (await this.#bySecret(secretHash)) as (PrincipalRow & SessionRow) | undefined
    if (!row || row.disabled || !this.sessions.alive(row)) return null
    await this.sessions.touch(row)
    const actor = { ...this.principals.toActor(this.principals.parse(row)), sessionId: row.id, address }
    if (row.assurance === 'full') {
      return { ...actor, reauthenticatedAt: row.reauthenticated_at ? Date.parse(row.reauthenticated_at) : undefined }
    }
    return { ...actor, assurance: 'totp_required', admin: false, permissions: nothing, accounts: [] }
  }
}
