import { type Actor, holds } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Access } from '../rbac/access.js'
import { Principals } from '../rbac/principals.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { JobActorRefused } from './errors.js'
import type { JobRow } from './job-row.js'

/** Who submitted a job, as it is stored, and whether they still may when it runs. */
@scoped(Lifecycle.ContainerScoped)
export class JobActors {
  constructor(
    private readonly state: State,
    private readonly access: Access,
    private readonly principals: Principals,
    private readonly clock: Clock,
  ) {}

  serialize(actor: Actor): string {
    return JSON.stringify({ ...actor, permissions: [...actor.permissions] })
  }

  parse(text: string): Actor {
    const stored = JSON.parse(text) as Omit<Actor, 'permissions'> & { permissions: string[] }
    return { ...stored, permissions: new Set(stored.permissions) }
  }

  /**
   * The job's actor with the rights of now.
   * @param more permissions that the job asks for beside its own
   * @throws JobActorRefused when the user or token is gone or disabled, Forbidden when the permission is lost
   */
  async authorize(job: JobRow, more: readonly string[] = []): Promise<Actor> {
    const stored = this.parse(job.actor)
    const actor = await this.#reload(stored)
    if (!actor) throw JobActorRefused({ actor: stored.name })
    // The proof of password that a high-risk permission asks for was given when the job was submitted.
    const proven = { ...actor, reauthenticatedAt: this.clock.now().getTime() }
    for (const permission of [job.permission ?? [], more].flat()) this.access.require(proven, permission)
    return { ...actor, address: stored.address, reauthenticatedAt: stored.reauthenticatedAt }
  }

  async #reload(stored: Actor): Promise<Actor | null> {
    if (stored.kind === 'system' || stored.kind === 'cli') return stored
    const user = stored.userId ? await this.principals.actor(stored.userId) : null
    if (!user || stored.kind === 'user') return user
    const token: { expires_at: string | null } | undefined = await this.state
      .knex('api_tokens')
      .where({ id: stored.id })
      .first('expires_at')
    if (!token || (token.expires_at && token.expires_at <= this.clock.now().toISOString())) return null
    const permissions = new Set([...stored.permissions].filter(permission => holds(user, permission)))
    return { ...stored, permissions, accounts: user.accounts, admin: stored.admin && user.admin }
  }
}
