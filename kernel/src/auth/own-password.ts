import { Lifecycle, scoped } from 'tsyringe'
import { AuditLog } from '../audit/audit-log.js'
import { Unauthenticated } from '../rbac/errors.js'
import { Users } from '../rbac/users.js'
import { State } from '../state/state.js'
import { sessionUser } from './api-tokens.js'
import { CredentialsWrong } from './errors.js'
import { Passwords } from './passwords.js'
import { Sessions } from './sessions.js'
import type { Client } from './sign-in.js'
import { Throttle } from './throttle.js'

/** Changing the own password. */
@scoped(Lifecycle.ContainerScoped)
export class OwnPassword {
  constructor(
    private readonly state: State,
    private readonly users: Users,
    private readonly passwords: Passwords,
    private readonly sessions: Sessions,
    private readonly throttle: Throttle,
    private readonly audit: AuditLog,
  ) {}

  /** Ends the user's other sessions; this one goes on under a new id. Answers its Set-Cookie value. */
  async change(client: Client, current: string, password: string): Promise<string> {
    const { actor, requestId } = client
    const userId = sessionUser(actor)
    const sessionId = actor.sessionId ?? ''
    const attempt = { kind: 'proof', subject: sessionId, address: client.address, known: true } as const
    await this.throttle.enter(attempt)
    const user = await this.state.knex('users').where({ id: userId }).first()
    if (!(await this.passwords.verify(current, user?.password_hash ?? '', 'known'))) {
      await this.audit.record({
        actor,
        action: 'auth.password',
        target: `user:${userId}`,
        outcome: 'failure',
        requestId,
      })
      throw CredentialsWrong({ field: 'current' })
    }
    await this.throttle.succeeded(attempt)
    await this.passwords.check(password, user.username, user.totp_secret !== null)
    const hash = await this.passwords.hash(password)
    const prepared = await this.sessions.prepare()
    await this.state.transaction(async trx => {
      if (!(await this.sessions.rotate(trx, sessionId, prepared))) throw Unauthenticated()
      await this.users.writePassword(trx, userId, password, hash)
      await this.sessions.revokeAll(userId, trx, prepared.id)
      await this.audit.append(trx, {
        actor,
        action: 'auth.password',
        target: `user:${userId}`,
        outcome: 'success',
        requestId,
      })
    })
    return prepared.cookie
  }
}
