import type { State } from '../state/state.js'

export interface Ticket {
  /** SHA-256, base64. */
  readonly hash: string
  readonly actorId: string
  readonly sessionId: string | undefined
  readonly path: string
  /** ISO 8601 UTC. */
  readonly expiresAt: string
}

/** Where tickets wait for their handshake. */
export interface TicketStore {
  /** Forgets those that expired by `now`. */
  put(ticket: Ticket, now: string): Promise<void>
  /** The ticket, for one caller alone; it is gone then. */
  take(hash: string): Promise<Ticket | undefined>
}

const most = 10_000

/** For the one process of an embedded store: no write for a ticket. */
export class MemoryTickets implements TicketStore {
  readonly #tickets = new Map<string, Ticket>()

  async put(ticket: Ticket, now: string): Promise<void> {
    // Insertion order is order of expiry.
    for (const [hash, { expiresAt }] of this.#tickets) {
      if (expiresAt > now && this.#tickets.size < most) break
      this.#tickets.delete(hash)
    }
    this.#tickets.set(ticket.hash, ticket)
  }

  async take(hash: string): Promise<Ticket | undefined> {
    const ticket = this.#tickets.get(hash)
    this.#tickets.delete(hash)
    return ticket
  }
}

interface Row {
  readonly hash: string
  readonly actor_id: string
  readonly session_id: string | null
  readonly path: string
  readonly expires_at: string
}

/** For several processes: the handshake may reach another one than the request for its ticket. */
export class StoredTickets implements TicketStore {
  constructor(private readonly state: State) {}

  async put({ hash, actorId, sessionId, path, expiresAt }: Ticket, now: string): Promise<void> {
    const { knex } = this.state
    await knex('tickets').where('expires_at', '<=', now).delete()
    const row: Row = { hash, actor_id: actorId, session_id: sessionId ?? null, path, expires_at: expiresAt }
    await knex('tickets').insert(row)
  }

  async take(hash: string): Promise<Ticket | undefined> {
    const [row] = (await this.state.knex('tickets').where({ hash }).delete().returning('*')) as Row[]
    if (!row) return undefined
    const { actor_id, session_id, path, expires_at } = row
    return { hash, actorId: actor_id, sessionId: session_id ?? undefined, path, expiresAt: expires_at }
  }
}
