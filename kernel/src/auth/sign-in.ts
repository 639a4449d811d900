import type { Actor, Assurance, Knex } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { AuditLog } from '../audit/audit-log.js'
import { Unauthenticated } from '../rbac/errors.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { addressKey } from './address.js'
import { nextAssurance } from './assurance.js'
import { CodeWrong, CredentialsWrong, SignInStepUnexpected } from './errors.js'
import { Passwords } from './passwords.js'
import { SecondFactor } from './second-factor.js'
import { type SessionMeta, Sessions } from './sessions.js'
import { type Attempt, Throttle } from './throttle.js'

export interface SignedIn {
  readonly assurance: Exclude<Assurance, 'none'>
  /** The whole Set-Cookie value. */
  readonly cookie: string
  /** Of the new session. */
  readonly csrfToken: string
}

/** Who asks and from where; the actor is what the request's own cookie says, before the step. */
export interface Client extends SessionMeta {
  readonly actor: Actor
  readonly requestId?: string
}

interface UserRow {
  readonly id: string
  readonly username: string
  readonly password_hash: string
  readonly disabled: number
  readonly totp_secret: string | null
}

/** How long an address counts as one that its user signs in from. */
const rememberedDays = 90

/** The steps of the sign-in state machine. Each one throttles first, then looks, then moves under one transaction. */
@scoped(Lifecycle.ContainerScoped)
export class SignIn {
  constructor(
    private readonly state: State,
    private readonly clock: Clock,
    private readonly passwords: Passwords,
    private readonly secondFactor: SecondFactor,
    private readonly sessions: Sessions,
    private readonly throttle: Throttle,
    private readonly audit: AuditLog,
  ) {}

  /** Name and password. A session that the client had ends. @throws TooManyAttempts, CredentialsWrong, SignInBusy */
  async login(client: Client, username: string, password: string): Promise<SignedIn> {
    const key = username.toLowerCase()
    const user: UserRow | undefined = await this.state.knex('users').where({ username_key: key }).first()
    const known = user !== undefined && (await this.#knows(user.id, client.address))
    const attempt: Attempt = { kind: 'password', subject: key, address: client.address, known }
    await this.#enter(attempt, client, 'auth.login', user)
    const lane = known ? 'known' : 'guest'
    const right = user
      ? await this.passwords.verify(password, user.password_hash, lane)
      : await this.passwords.verifyNobody(password, lane)
    if (!user || !right || user.disabled) {
      await this.#failed(client, 'auth.login', user)
      throw CredentialsWrong({})
    }
    await this.throttle.succeeded(attempt)
    const rehashed = this.passwords.outdated(user.password_hash) ? await this.passwords.hash(password, lane) : null
    const assurance = nextAssurance(client.actor.assurance, {
      type: 'password_accepted',
      totp: user.totp_secret !== null,
    })
    return this.#open(client, user, assurance, 'auth.login', async trx => {
      await this.#leave(trx, client)
      if (!rehashed) return
      await trx('users').where({ id: user.id, password_hash: user.password_hash }).update({ password_hash: rehashed })
    })
  }

  /** The second step: a TOTP or recovery code. @throws SignInStepUnexpected, TooManyAttempts, CodeWrong */
  async totp(client: Client, code: string): Promise<SignedIn> {
    const assurance = nextAssurance(client.actor.assurance, { type: 'code_accepted' })
    const { user, sessionId } = await this.#signingIn(client)
    const known = await this.#knows(user.id, client.address)
    const attempt: Attempt = { kind: 'code', subject: user.id, address: client.address, known }
    await this.#enter(attempt, client, 'auth.totp', user)
    await this.secondFactor.load()
    const signedIn = await this.#open(client, user, assurance, 'auth.totp', async trx => {
      // Of several requests with one session the first to take it away gets on.
      if (!(await this.sessions.revoke(sessionId, trx)))
        throw SignInStepUnexpected({ step: 'code_accepted', state: 'none' })
      if (!(await this.secondFactor.accept(trx, user.id, code))) throw CodeWrong()
    }).catch(async error => {
      if (CodeWrong.is(error)) await this.#failed(client, 'auth.totp', user)
      throw error
    })
    await this.throttle.succeeded(attempt)
    return signedIn
  }

  /** Password or code again, for what is of high risk. The session goes on under a new id. */
  async reauthenticate(
    client: Client,
    proof: { readonly password?: string; readonly code?: string },
  ): Promise<SignedIn> {
    const assurance = nextAssurance(client.actor.assurance, { type: 'proof_repeated' })
    const { user, sessionId } = await this.#signingIn(client)
    // Counted per session: whoever holds a stolen one cannot keep its owner's other sessions from proving themselves.
    const attempt: Attempt = { kind: 'proof', subject: sessionId, address: client.address, known: true }
    await this.#enter(attempt, client, 'auth.reauthenticate', user)
    await this.secondFactor.load()
    const { password, code } = proof
    const right = password !== undefined && (await this.passwords.verify(password, user.password_hash, 'known'))
    if (password !== undefined && !right) {
      await this.#failed(client, 'auth.reauthenticate', user)
      throw CredentialsWrong({})
    }
    const prepared = await this.sessions.prepare()
    await this.state
      .transaction(async trx => {
        if (!right && !(await this.secondFactor.accept(trx, user.id, code ?? ''))) throw CodeWrong()
        if (!(await this.sessions.rotate(trx, sessionId, prepared))) throw Unauthenticated()
        await this.#append(trx, client, 'auth.reauthenticate', user)
      })
      .catch(async error => {
        if (CodeWrong.is(error)) await this.#failed(client, 'auth.reauthenticate', user)
        throw error
      })
    await this.throttle.succeeded(attempt)
    return this.#signedIn(assurance, prepared)
  }

  /** Ends the client's session, if it has one. Answers the cookie that removes it. */
  async logout(client: Client): Promise<string> {
    const { actor } = client
    nextAssurance(actor.assurance, { type: 'signed_out' })
    const { sessionId } = actor
    if (sessionId) {
      await this.state.transaction(async trx => {
        if (!(await this.sessions.revoke(sessionId, trx))) return
        await this.audit.append(trx, { actor, action: 'auth.logout', outcome: 'success', requestId: client.requestId })
      })
    }
    return this.sessions.clearCookie()
  }

  /** A fresh full session for a user who has just proved who they are by other means (setup). A session that the client had ends. */
  async open(
    client: Client,
    user: { readonly id: string; readonly username: string },
    action: string,
  ): Promise<SignedIn> {
    return this.#open(client, user, 'full', action, trx => this.#leave(trx, client))
  }

  async #open(
    client: Client,
    user: { readonly id: string; readonly username: string },
    assurance: Assurance,
    action: string,
    first: (trx: Knex.Transaction) => Promise<void>,
  ): Promise<SignedIn> {
    if (assurance === 'none') throw Unauthenticated()
    const prepared = await this.sessions.prepare()
    await this.state.transaction(async trx => {
      await first(trx)
      await this.sessions.insert(trx, prepared, user.id, assurance, client)
      if (assurance === 'full') await this.#remember(trx, user.id, client.address)
      await this.#append(trx, client, action, user, { assurance })
    })
    return this.#signedIn(assurance, prepared)
  }

  #signedIn(assurance: Assurance, prepared: { readonly id: string; readonly cookie: string }): SignedIn {
    if (assurance === 'none') throw Unauthenticated()
    return { assurance, cookie: prepared.cookie, csrfToken: this.sessions.csrfToken(prepared.id) }
  }

  /** Whatever session the browser brought, perhaps one that somebody planted there, is not the one that goes on. */
  async #leave(trx: Knex.Transaction, { actor }: Client): Promise<void> {
    if (actor.sessionId) await this.sessions.revoke(actor.sessionId, trx)
  }

  async #signingIn({ actor }: Client): Promise<{ user: UserRow; sessionId: string }> {
    const { userId, sessionId } = actor
    if (!userId || !sessionId) throw Unauthenticated()
    const user: UserRow | undefined = await this.state.knex('users').where({ id: userId }).first()
    if (!user) throw Unauthenticated()
    return { user, sessionId }
  }

  async #knows(userId: string, address: string): Promise<boolean> {
    const where = { user_id: userId, address: addressKey(address) }
    return (await this.state.knex('known_addresses').where(where).first('address')) !== undefined
  }

  async #remember(trx: Knex.Transaction, userId: string, address: string): Promise<void> {
    const now = this.clock.now()
    const forgotten = new Date(now.getTime() - rememberedDays * 86_400_000).toISOString()
    await trx('known_addresses').where({ user_id: userId }).where('last_seen_at', '<', forgotten).delete()
    await trx('known_addresses')
      .insert({ user_id: userId, address: addressKey(address), last_seen_at: now.toISOString() })
      .onConflict(['user_id', 'address'])
      .merge()
  }

  async #enter(attempt: Attempt, client: Client, action: string, user?: UserRow): Promise<void> {
    try {
      await this.throttle.enter(attempt)
    } catch (error) {
      if (this.throttle.beganBlock(error)) await this.#record(client, action, 'refused', user)
      throw error
    }
  }

  #failed(client: Client, action: string, user?: UserRow): Promise<void> {
    return this.#record(client, action, 'failure', user)
  }

  /** A name that no user has is not recorded: people type their password there. */
  async #record(client: Client, action: string, outcome: 'failure' | 'refused', user?: UserRow): Promise<void> {
    const target = user && `user:${user.id}`
    const params = user && { username: user.username }
    await this.audit.record({ actor: client.actor, action, target, params, outcome, requestId: client.requestId })
  }

  #append(
    trx: Knex.Transaction,
    client: Client,
    action: string,
    user: { readonly id: string; readonly username: string },
    params: object = {},
  ): Promise<void> {
    return this.audit.append(trx, {
      actor: client.actor,
      action,
      target: `user:${user.id}`,
      params: { username: user.username, ...params },
      outcome: 'success',
      requestId: client.requestId,
    })
  }
}
