import { type Actor, holds } from '@nusantara/sdk'
import { AccountUnknown, GrantTooWide } from './errors.js'

/**
 * Giving and taking permissions needs to hold them, else a right to edit users would be a right to everything.
 *
 * @param field of the input that names the permissions, or what gives them
 */
export function requireHeld(actor: Actor, permissions: Iterable<string>, field?: string): void {
  for (const permission of permissions) {
    const held = permission === '*' ? actor.permissions.has('*') : holds(actor, permission)
    if (!held) throw GrantTooWide({ permission, ...(field && { field }) })
  }
}

/**
 * Letting somebody into an account needs to be in it, else a right to make users would open every account. One that is
 * not the actor's is answered like one that does not exist. @throws AccountUnknown
 */
export function requireMember(actor: Actor, accounts: readonly string[]): void {
  if (actor.admin) return
  for (const account of accounts) if (!actor.accounts.includes(account)) throw AccountUnknown({ account })
}
