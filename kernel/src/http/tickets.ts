import { createHash, randomBytes } from 'node:crypto'
import type { Actor } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { MemoryTickets, StoredTickets, type TicketStore } from './ticket-store.js'

const lifetimeMs = 30_000

/**
 * Single-use passes for WebSocket handshakes, which carry no CSRF token: made by a guarded POST for one path, valid for 30
 * seconds, worthless to anybody but the session that asked, and good in every process of the state. Only a hash is kept.
 */
@scoped(Lifecycle.ContainerScoped)
export class Tickets {
  readonly #store: TicketStore

  constructor(
    private readonly clock: Clock,
    state: State,
  ) {
    this.#store = state.dialect === 'postgres' ? new StoredTickets(state) : new MemoryTickets()
  }

  async issue(actor: Actor, path: string): Promise<{ readonly ticket: string; readonly expiresAt: string }> {
    const now = this.clock.now()
    const ticket = randomBytes(32).toString('base64url')
    const expiresAt = new Date(now.getTime() + lifetimeMs).toISOString()
    await this.#store.put(
      { hash: hash(ticket), actorId: actor.id, sessionId: actor.sessionId, path, expiresAt },
      now.toISOString(),
    )
    return { ticket, expiresAt }
  }

  /** Spends the ticket whatever the outcome. True when it was made for this actor's session and path and is not too old. */
  async redeem(ticket: string, actor: Actor, path: string): Promise<boolean> {
    const found = await this.#store.take(hash(ticket))
    if (!found || found.expiresAt <= this.clock.now().toISOString()) return false
    return found.actorId === actor.id && found.sessionId === actor.sessionId && found.path === path
  }
}

function hash(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64')
}
