import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { type Assurance, type Knex, newId, type Page } from '@nusantara/sdk'
import { inject, Lifecycle, scoped } from 'tsyringe'
import type { Config } from '../config/config.js'
import { CONFIG } from '../config/token.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { cookieName, readCookie, setCookie } from './cookie.js'
import { randomKeyFile } from './key-file.js'

/** Where a session was made. */
export interface SessionMeta {
  readonly address: string
  readonly userAgent?: string
}

/** A session that is ready to be stored: the cookie cannot be sealed inside a transaction. */
export interface PreparedSession {
  readonly id: string
  readonly secretHash: string
  /** The whole Set-Cookie value. */
  readonly cookie: string
}

export interface SessionRow {
  readonly id: string
  readonly user_id: string
  readonly assurance: Assurance
  readonly address: string
  readonly user_agent: string
  readonly created_at: string
  readonly last_seen_at: string
  readonly expires_at: string
  readonly reauthenticated_at: string | null
}

export interface SessionView {
  readonly id: string
  readonly current: boolean
  readonly address: string
  readonly userAgent: string
  readonly createdAt: string
  readonly lastSeenAt: string
  readonly expiresAt: string
}

const hour = 3_600_000
const absoluteMs = 24 * hour
const idleMs = 2 * hour
const pendingMs = 10 * 60_000
const touchMs = 60_000
const mostUnsealed = 1000

/**
 * Sessions: the cookie is sealed and holds nothing but a random id, the row is in the store, so that revoking works at
 * once. They end after 2 hours without a request and 24 hours after sign-in; half a sign-in ends after 10 minutes.
 */
@scoped(Lifecycle.ContainerScoped)
export class Sessions {
  readonly #path: string
  /** Opening a seal costs more than the query; the row decides each time, so a known seal need not be opened again. */
  readonly #unsealed = new Map<string, string>()
  #loaded?: Buffer

  constructor(
    private readonly state: State,
    private readonly clock: Clock,
    @inject(CONFIG) config: Config,
  ) {
    this.#path = join(config.home, 'session-key')
  }

  async prepare(): Promise<PreparedSession> {
    const { sealData } = await import('iron-session')
    const secret = randomBytes(32).toString('base64url')
    const sealed = await sealData({ id: secret }, { password: this.#password(), ttl: absoluteMs / 1000 })
    return { id: newId(), secretHash: hash(secret), cookie: setCookie(sealed, absoluteMs / 1000) }
  }

  async insert(
    trx: Knex.Transaction,
    prepared: PreparedSession,
    userId: string,
    assurance: Exclude<Assurance, 'none'>,
    meta: SessionMeta,
  ): Promise<void> {
    const now = this.clock.now()
    const at = now.toISOString()
    await trx('sessions').where('expires_at', '<', at).delete()
    await trx('sessions').insert({
      id: prepared.id,
      secret_hash: prepared.secretHash,
      user_id: userId,
      assurance,
      address: meta.address,
      user_agent: (meta.userAgent ?? '').slice(0, 512),
      created_at: at,
      last_seen_at: at,
      expires_at: new Date(now.getTime() + (assurance === 'full' ? absoluteMs : pendingMs)).toISOString(),
      reauthenticated_at: assurance === 'full' ? at : null,
    })
  }

  async create(
    userId: string,
    assurance: Exclude<Assurance, 'none'>,
    meta: SessionMeta,
  ): Promise<{ id: string; cookie: string }> {
    const prepared = await this.prepare()
    await this.state.transaction(trx => this.insert(trx, prepared, userId, assurance, meta))
    return { id: prepared.id, cookie: prepared.cookie }
  }

  /**
   * The same sign-in under a new id and secret: what somebody may have seen of the old one is worth nothing. Counts as a
   * fresh proof. The absolute end stays. False when the session was gone already, so that of two only one gets on.
   */
  async rotate(trx: Knex.Transaction, id: string, prepared: PreparedSession): Promise<boolean> {
    const row: SessionRow | undefined = await trx('sessions').where({ id }).first()
    if (!row) return false
    const deleted = await trx('sessions').where({ id }).delete()
    if (deleted !== 1) return false
    const { id: newSession, secretHash: secret_hash } = prepared
    const at = this.clock.now().toISOString()
    await trx('sessions').insert({ ...row, id: newSession, secret_hash, last_seen_at: at, reauthenticated_at: at })
    return true
  }

  /** The hash under which a cookie's session is stored; null when it holds no valid seal. */
  async secretHash(cookieHeader: string | undefined): Promise<string | null> {
    const sealed = readCookie(cookieHeader)
    if (!sealed) return null
    const seen = this.#unsealed.get(sealed)
    if (seen) return seen
    const { unsealData } = await import('iron-session')
    const { id } = await unsealData<{ id?: unknown }>(sealed, { password: this.#password(), ttl: absoluteMs / 1000 })
    if (typeof id !== 'string') return null
    if (this.#unsealed.size >= mostUnsealed) this.#unsealed.delete(this.#unsealed.keys().next().value ?? '')
    const secretHash = hash(id)
    this.#unsealed.set(sealed, secretHash)
    return secretHash
  }

  /** Not expired, neither absolutely nor by idling. */
  alive(row: Pick<SessionRow, 'expires_at' | 'last_seen_at'>): boolean {
    const now = this.clock.now().getTime()
    return now < Date.parse(row.expires_at) && now - Date.parse(row.last_seen_at) < idleMs
  }

  /** Notes that the session is in use, at most once a minute. */
  async touch(row: Pick<SessionRow, 'id' | 'last_seen_at'>): Promise<void> {
    const now = this.clock.now()
    if (now.getTime() - Date.parse(row.last_seen_at) < touchMs) return
    await this.state.knex('sessions').where({ id: row.id }).update({ last_seen_at: now.toISOString() })
  }

  async list(userId: string, currentId: string | undefined): Promise<Page<SessionView>> {
    const rows: SessionRow[] = await this.state
      .knex('sessions')
      .where({ user_id: userId, assurance: 'full' })
      .orderBy('last_seen_at', 'desc')
    const items = rows
      .filter(row => this.alive(row))
      .map(row => ({
        id: row.id,
        current: row.id === currentId,
        address: row.address,
        userAgent: row.user_agent,
        createdAt: row.created_at,
        lastSeenAt: row.last_seen_at,
        expiresAt: row.expires_at,
      }))
    return { items }
  }

  async revoke(id: string, trx: Knex | Knex.Transaction = this.state.knex): Promise<boolean> {
    return (await trx('sessions').where({ id }).delete()) === 1
  }

  /** All of a user's, but the one given. Answers how many. */
  async revokeAll(userId: string, trx: Knex | Knex.Transaction, exceptId?: string): Promise<number> {
    const query = trx('sessions').where({ user_id: userId })
    if (exceptId) query.whereNot({ id: exceptId })
    return query.delete()
  }

  clearCookie(): string {
    return setCookie('', 0)
  }

  csrfToken(sessionId: string): string {
    return createHmac('sha256', this.#key()).update(`csrf ${sessionId}`).digest('base64url')
  }

  verifyCsrf(sessionId: string, token: string): boolean {
    const [given, right] = [Buffer.from(token), Buffer.from(this.csrfToken(sessionId))]
    return given.length === right.length && timingSafeEqual(given, right)
  }

  #key(): Buffer {
    this.#loaded ??= randomKeyFile(this.#path)
    return this.#loaded
  }

  #password(): string {
    return createHmac('sha256', this.#key()).update('cookie').digest('base64url')
  }
}

export { cookieName }

function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
