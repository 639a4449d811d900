import { type Actor, holds } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Clock } from '../state/clock.js'
import { Forbidden, PermissionRejected, ReauthenticationRequired, TotpRequired, Unauthenticated } from './errors.js'

export interface Permission {
  readonly name: string
  /** `kernel` or a plugin's id. */
  readonly owner: string
  readonly risk: 'low' | 'high'
  /** Held by the built-in role `user`, for the own accounts' resources. */
  readonly user: boolean
}

const recentMinutes = 10
const permissionName = /^[a-z][a-z0-9-]*:[a-z][a-z0-9_-]*$/

/** The declared permissions, and the one place that decides whether an actor may. What is not declared is denied. */
@scoped(Lifecycle.ContainerScoped)
export class Access {
  readonly #permissions = new Map<string, Permission>()
  #ofUsers: ReadonlySet<string> = new Set()

  constructor(private readonly clock: Clock) {}

  /** Declares an owner's permissions; answers how to take them back. @throws PermissionRejected */
  define(
    owner: string,
    permissions: Readonly<Record<string, { readonly risk?: 'low' | 'high'; readonly user?: boolean }>>,
  ): () => void {
    const names = Object.keys(permissions)
    for (const name of names) this.#check(owner, name)
    const declared = Object.entries(permissions).map(([name, { risk = 'low', user = false }]) => {
      return { name, owner, risk, user }
    })
    for (const permission of declared) this.#permissions.set(permission.name, permission)
    this.#refresh()
    return () => {
      // Taken back twice, it does not take what was declared anew meanwhile.
      for (const permission of declared)
        if (this.#permissions.get(permission.name) === permission) this.#permissions.delete(permission.name)
      this.#refresh()
    }
  }

  list(): readonly Permission[] {
    return [...this.#permissions.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  find(name: string): Permission | undefined {
    return this.#permissions.get(name)
  }

  /** What the built-in role `user` holds now. */
  get ofUsers(): ReadonlySet<string> {
    return this.#ofUsers
  }

  /**
   * Returns when the actor may, throws when not.
   *
   * @param permission a declared one, `authenticated`, or `public`
   * @throws Unauthenticated, TotpRequired, Forbidden, ReauthenticationRequired
   */
  require(actor: Actor, permission: string): void {
    if (permission === 'public') return
    if (actor.assurance === 'none') throw Unauthenticated()
    if (actor.assurance === 'totp_required') throw TotpRequired()
    if (permission === 'authenticated') return
    const declared = this.#permissions.get(permission)
    if (!declared || !holds(actor, permission)) throw Forbidden({ permission })
    if (declared.risk === 'high') this.requireRecent(actor)
  }

  /** For what asks for the password or a code again: proof in this session within the last 10 minutes. */
  requireRecent(actor: Actor): void {
    if (actor.kind !== 'user') return
    const age = this.clock.now().getTime() - (actor.reauthenticatedAt ?? Number.NEGATIVE_INFINITY)
    // A clock set back makes a proof look as if it came from the future; that is no proof.
    if (!(age >= 0 && age <= recentMinutes * 60_000)) throw ReauthenticationRequired({ minutes: recentMinutes })
  }

  /** Whether `require` would pass. */
  allows(actor: Actor, permission: string): boolean {
    try {
      this.require(actor, permission)
      return true
    } catch {
      return false
    }
  }

  #check(owner: string, permission: string): void {
    const reject = (reason: string) => PermissionRejected({ owner, permission, reason })
    if (!permissionName.test(permission)) throw reject('a permission is named <owner>:<verb>')
    if (owner !== 'kernel' && !permission.startsWith(`${owner}:`)) throw reject(`it must begin with ${owner}:`)
    const taken = this.#permissions.get(permission)
    if (taken) throw reject(`it is declared by ${taken.owner} already`)
  }

  #refresh(): void {
    this.#ofUsers = new Set(this.list().flatMap(({ name, user }) => (user ? [name] : [])))
  }
}
