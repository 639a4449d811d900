import { type Actor, holds } from '@nusantara/sdk'
import { GrantTooWide } from './errors.js'

/** Giving and taking permissions needs to hold them, else a right to edit users would be a right to everything. */
export function requireHeld(actor: Actor, permissions: Iterable<string>): void {
  for (const permission of permissions) {
    const held = permission === '*' ? actor.permissions.has('*') : holds(actor, permission)
    if (!held) throw GrantTooWide({ permission })
  }
}
