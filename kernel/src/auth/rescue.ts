import type { Actor, Knex } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { AuditLog } from '../audit/audit-log.js'
import { NotFound } from '../http/errors.js'
import { Users } from '../rbac/users.js'
import { State } from '../state/state.js'
import { ApiTokens } from './api-tokens.js'
import { Passwords } from './passwords.js'
import { SecondFactor } from './second-factor.js'
import { Sessions } from './sessions.js'
import { Setup } from './setup.js'

/** What root at the command line can always do, whoever is locked out. */
@scoped(Lifecycle.ContainerScoped)
export class Rescue {
  constructor(
    private readonly state: State,
    private readonly users: Users,
    private readonly passwords: Passwords,
    private readonly secondFactor: SecondFactor,
    private readonly sessions: Sessions,
    private readonly tokens: ApiTokens,
    private readonly setup: Setup,
    private readonly audit: AuditLog,
  ) {}

  /** Sets the password, enables the user, ends their sessions and revokes their tokens. @throws NotFound, PasswordTooShort, … */
  async resetPassword(username: string, newPassword: string, actor: Actor = commandLine): Promise<void> {
    const user = await this.#user(username)
    await this.passwords.check(newPassword, user.username, user.totp_secret !== null)
    const hash = await this.passwords.hash(newPassword)
    await this.#change(actor, 'rescue.reset-password', user, async trx => {
      await this.users.writePassword(trx, user.id, newPassword, hash)
      await trx('users').where({ id: user.id }).update({ disabled: 0 })
      await this.tokens.removeAll(user.id, trx)
    })
  }

  /** Removes the second factor and the recovery codes and ends the user's sessions. @throws NotFound, PasswordNeedsSecondFactor */
  async disableTotp(username: string, actor: Actor = commandLine): Promise<void> {
    const user = await this.#user(username)
    await this.#change(actor, 'rescue.disable-totp', user, trx => this.secondFactor.clear(trx, user.id))
  }

  /** A setup token that makes another administrator. */
  async createSetupToken(actor: Actor = commandLine): Promise<string> {
    await this.audit.record({ actor, action: 'rescue.setup-token', outcome: 'success' })
    return this.setup.createToken()
  }

  async #user(username: string): Promise<{ id: string; username: string; totp_secret: string | null }> {
    const user = await this.state.knex('users').where({ username_key: username.toLowerCase() }).first()
    if (!user) throw NotFound({ type: 'user' })
    return user
  }

  async #change(
    actor: Actor,
    action: string,
    user: { readonly id: string; readonly username: string },
    change: (trx: Knex.Transaction) => Promise<void>,
  ): Promise<void> {
    await this.state.transaction(async trx => {
      await change(trx)
      await this.sessions.revokeAll(user.id, trx)
      const params = { username: user.username }
      await this.audit.append(trx, { actor, action, target: `user:${user.id}`, params, outcome: 'success' })
    })
  }
}

const commandLine: Actor = Object.freeze({
  kind: 'cli',
  id: 'cli',
  name: 'cli',
  assurance: 'full',
  admin: true,
  permissions: new Set(['*']),
  accounts: [],
  locale: 'en',
})
