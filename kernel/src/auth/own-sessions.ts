import type { Actor, Page } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { AuditLog } from '../audit/audit-log.js'
import { NotFound } from '../http/errors.js'
import { State } from '../state/state.js'
import { sessionUser } from './api-tokens.js'
import { Sessions, type SessionView } from './sessions.js'

/** A user's view of their own sessions. */
@scoped(Lifecycle.ContainerScoped)
export class OwnSessions {
  constructor(
    private readonly state: State,
    private readonly sessions: Sessions,
    private readonly audit: AuditLog,
  ) {}

  list(actor: Actor): Promise<Page<SessionView>> {
    return this.sessions.list(sessionUser(actor), actor.sessionId)
  }

  /** @throws NotFound also for somebody else's session */
  async revoke(actor: Actor, id: string): Promise<void> {
    const user_id = sessionUser(actor)
    await this.state.transaction(async trx => {
      if ((await trx('sessions').where({ id, user_id }).delete()) !== 1) throw NotFound({ type: 'session' })
      await this.audit.append(trx, {
        actor,
        action: 'auth.sessions.revoke',
        target: `session:${id}`,
        outcome: 'success',
      })
    })
  }

  async revokeOthers(actor: Actor): Promise<void> {
    const userId = sessionUser(actor)
    await this.state.transaction(async trx => {
      const count = await this.sessions.revokeAll(userId, trx, actor.sessionId)
      const params = { count }
      await this.audit.append(trx, { actor, action: 'auth.sessions.revokeOthers', params, outcome: 'success' })
    })
  }
}
