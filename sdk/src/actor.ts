/** How far a sign-in has come. Only `full` may use anything beyond the sign-in routes. */
export type Assurance = 'none' | 'totp_required' | 'full'

/** Who acts. Made by the kernel only: from a session, an API token, the root command line, or a plugin's own schedule. */
export interface Actor {
  readonly kind: 'anonymous' | 'user' | 'token' | 'cli' | 'system'
  /** User id, token id, `cli`, `system:<plugin>`, or `anonymous`. */
  readonly id: string
  /** The user behind a session or a token. */
  readonly userId?: string
  readonly name: string
  readonly assurance: Assurance
  /** Sees every account's resources. */
  readonly admin: boolean
  readonly permissions: ReadonlySet<string>
  /** Ids of the accounts whose resources the actor may touch. */
  readonly accounts: readonly string[]
  readonly locale: string
  readonly address?: string
  readonly sessionId?: string
  /** Epoch milliseconds of the last proof of password or TOTP in this session. */
  readonly reauthenticatedAt?: number
}

/** The first argument of every hook tap. */
export interface Scope {
  readonly actor: Actor
  readonly account?: string
  readonly signal: AbortSignal
}

export const anonymous: Actor = Object.freeze({
  kind: 'anonymous',
  id: 'anonymous',
  name: 'anonymous',
  assurance: 'none',
  admin: false,
  permissions: new Set<string>(),
  accounts: [],
  locale: 'en',
})

/** The actor of work that a plugin starts by itself (schedules, catching up on events). */
export function systemActor(plugin: string): Actor {
  return {
    kind: 'system',
    id: `system:${plugin}`,
    name: plugin,
    assurance: 'full',
    admin: true,
    permissions: new Set(['*']),
    accounts: [],
    locale: 'en',
  }
}

/** Whether the actor holds the permission. `*` is held by administrators and the system alone. */
export function holds(actor: Actor, permission: string): boolean {
  return actor.permissions.has('*') || actor.permissions.has(permission)
}
