import { createHash, randomBytes } from 'node:crypto'
import type { Actor } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Clock } from '../state/clock.js'

interface Ticket {
  readonly actorId: string
  readonly sessionId: string | undefined
  readonly path: string
  readonly expiresAt: number
}

const lifetimeMs = 30_000
const most = 10_000

/**
 * Single-use passes for WebSocket handshakes, which carry no CSRF token: made by a guarded POST for one path, valid for 30
 * seconds, worthless to anybody but the session that asked. Only a hash is kept.
 */
@scoped(Lifecycle.ContainerScoped)
export class Tickets {
  readonly #tickets = new Map<string, Ticket>()

  constructor(private readonly clock: Clock) {}

  issue(actor: Actor, path: string): { readonly ticket: string; readonly expiresAt: string } {
    const now = this.clock.now().getTime()
    this.#expire(now)
    const ticket = randomBytes(32).toString('base64url')
    const expiresAt = now + lifetimeMs
    this.#tickets.set(hash(ticket), { actorId: actor.id, sessionId: actor.sessionId, path, expiresAt })
    return { ticket, expiresAt: new Date(expiresAt).toISOString() }
  }

  /** Spends the ticket whatever the outcome. True when it was made for this actor's session and path and is not too old. */
  redeem(ticket: string, actor: Actor, path: string): boolean {
    const key = hash(ticket)
    const found = this.#tickets.get(key)
    this.#tickets.delete(key)
    if (!found || this.clock.now().getTime() >= found.expiresAt) return false
    return found.actorId === actor.id && found.sessionId === actor.sessionId && found.path === path
  }

  /** Insertion order is order of expiry. */
  #expire(now: number): void {
    for (const [key, { expiresAt }] of this.#tickets) {
      if (expiresAt > now && this.#tickets.size < most) return
      this.#tickets.delete(key)
    }
  }
}

function hash(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64')
}
