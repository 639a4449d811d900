import { createHmac, randomBytes } from 'node:crypto'
import { type Actor, type Knex, newId } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { AuditLog } from '../audit/audit-log.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { sessionUser } from './api-tokens.js'
import { CodeWrong, PasswordNeedsSecondFactor, TotpActive, TotpInactive, TotpNotEnrolling } from './errors.js'
import { passwordMin } from './passwords.js'
import { Sealer } from './sealed.js'
import { Sessions } from './sessions.js'

/** What an authenticator application needs. */
export interface Enrolment {
  /** Base32. */
  readonly secret: string
  /** `otpauth://…` (Key URI format). */
  readonly uri: string
  /** Rows of the QR code of `uri`, true is dark; drawn by the shell, so that no markup crosses the wire. */
  readonly qr: readonly (readonly boolean[])[]
}

export interface FactorRow {
  readonly id: string
  readonly username: string
  readonly password_short: number
  readonly totp_secret: string | null
  readonly totp_pending: string | null
  readonly totp_last_step: number | null
}

type Otp = typeof import('otplib')

const issuer = 'Nusantara Panel'
const stepSeconds = 30
const recoveryCount = 10

/** TOTP (RFC 6238) and recovery codes. */
@scoped(Lifecycle.ContainerScoped)
export class SecondFactor {
  #otp?: Otp

  constructor(
    private readonly state: State,
    private readonly clock: Clock,
    private readonly sealer: Sealer,
    private readonly sessions: Sessions,
    private readonly audit: AuditLog,
  ) {}

  /** Makes a secret that counts once a code of it was confirmed. @throws TotpActive */
  async enrol(actor: Actor): Promise<Enrolment> {
    const userId = sessionUser(actor)
    const [{ generateSecret, generateURI }, { encode }] = await Promise.all([this.load(), import('uqr')])
    const secret = generateSecret()
    await this.state.transaction(async trx => {
      const user = await this.#user(trx, userId)
      if (user.totp_secret) throw TotpActive()
      await trx('users')
        .where({ id: userId })
        .update({ totp_pending: this.sealer.seal(secret, purpose(userId)) })
      await this.audit.append(trx, { actor, action: 'auth.totp.enroll', target: `user:${userId}`, outcome: 'success' })
    })
    const uri = generateURI({ issuer, label: actor.name, secret })
    return { secret, uri, qr: encode(uri, { border: 2 }).data }
  }

  /** Answers the recovery codes, this once. Other sessions of the user end. @throws TotpNotEnrolling, CodeWrong */
  async confirm(actor: Actor, code: string): Promise<readonly string[]> {
    const userId = sessionUser(actor)
    await this.load()
    return this.state.transaction(async trx => {
      const user = await this.#user(trx, userId)
      if (!user.totp_pending) throw TotpNotEnrolling()
      const step = this.#step(user.totp_pending, userId, code)
      if (step === null) throw CodeWrong()
      const changed = await trx('users')
        .where({ id: userId, totp_pending: user.totp_pending })
        .update({ totp_secret: user.totp_pending, totp_pending: null, totp_last_step: step })
      if (changed !== 1) throw TotpNotEnrolling()
      const codes = await this.#newRecoveryCodes(trx, userId)
      await this.sessions.revokeAll(userId, trx, actor.sessionId)
      await this.audit.append(trx, { actor, action: 'auth.totp.confirm', target: `user:${userId}`, outcome: 'success' })
      return codes
    })
  }

  /** @throws TotpInactive, PasswordNeedsSecondFactor when the password is too short to stand alone */
  async disable(actor: Actor): Promise<void> {
    const userId = sessionUser(actor)
    await this.state.transaction(async trx => {
      const user = await this.#user(trx, userId)
      if (!user.totp_secret) throw TotpInactive()
      await this.clear(trx, userId)
      await this.audit.append(trx, { actor, action: 'auth.totp.disable', target: `user:${userId}`, outcome: 'success' })
    })
  }

  /** Whether it is on, and how many recovery codes are left. */
  async describe(actor: Actor): Promise<{ readonly active: boolean; readonly recoveryCodes: number }> {
    const userId = sessionUser(actor)
    const { knex } = this.state
    const user: FactorRow | undefined = await knex('users').where({ id: userId }).first()
    const left: unknown[] = await knex('recovery_codes').where({ user_id: userId, used_at: null }).select('id')
    return { active: Boolean(user?.totp_secret), recoveryCodes: left.length }
  }

  /** New recovery codes in place of all old ones. @throws TotpInactive */
  async renewRecoveryCodes(actor: Actor): Promise<readonly string[]> {
    const userId = sessionUser(actor)
    return this.state.transaction(async trx => {
      const user = await this.#user(trx, userId)
      if (!user.totp_secret) throw TotpInactive()
      const codes = await this.#newRecoveryCodes(trx, userId)
      await this.audit.append(trx, {
        actor,
        action: 'auth.recovery-codes',
        target: `user:${userId}`,
        outcome: 'success',
      })
      return codes
    })
  }

  /** Removes secret and recovery codes. @throws PasswordNeedsSecondFactor when the password is too short to stand alone */
  async clear(trx: Knex.Transaction, userId: string): Promise<void> {
    const user = await this.#user(trx, userId)
    if (user.totp_secret && user.password_short) throw PasswordNeedsSecondFactor({ min: passwordMin })
    await trx('users').where({ id: userId }).update({ totp_secret: null, totp_pending: null, totp_last_step: null })
    await trx('recovery_codes').where({ user_id: userId }).delete()
  }

  /**
   * Uses up a TOTP or recovery code. Each works once: the last used time step, and the recovery code's row, are changed
   * by compare-and-swap, so of any number of simultaneous tries of one code a single one gets on. Call `load` before.
   */
  async accept(trx: Knex.Transaction, userId: string, code: string): Promise<'totp' | 'recovery' | null> {
    const user = await this.#user(trx, userId)
    if (!user.totp_secret) return null
    if (!/^\d{6}$/.test(code)) return (await this.#useRecoveryCode(trx, userId, code)) ? 'recovery' : null
    const step = this.#step(user.totp_secret, userId, code)
    if (step === null) return null
    const swapped = await trx('users')
      .where({ id: userId })
      .where(query => query.whereNull('totp_last_step').orWhere('totp_last_step', '<', step))
      .update({ totp_last_step: step })
    return swapped === 1 ? 'totp' : null
  }

  /** Loads the code library, which cannot be awaited inside a transaction. */
  async load(): Promise<Otp> {
    this.#otp ??= await import('otplib')
    return this.#otp
  }

  async #user(trx: Knex.Transaction, id: string): Promise<FactorRow> {
    const row: FactorRow | undefined = await trx('users').where({ id }).first()
    if (!row) throw TotpInactive()
    return row
  }

  /** The time step that the code belongs to, one step off at most (RFC 6238 §5.2); null for a wrong code. */
  #step(sealed: string, userId: string, token: string): number | null {
    if (!this.#otp) throw new Error('load() comes first')
    if (!/^\d{6}$/.test(token)) return null
    const secret = this.sealer.open(sealed, purpose(userId))
    const now = Math.floor(this.clock.now().getTime() / 1000 / stepSeconds)
    for (const step of [now, now - 1, now + 1]) {
      if (this.#otp.verifySync({ secret, token, epoch: step * stepSeconds }).valid) return step
    }
    return null
  }

  async #newRecoveryCodes(trx: Knex.Transaction, userId: string): Promise<string[]> {
    const codes = Array.from({ length: recoveryCount }, recoveryCode)
    await trx('recovery_codes').where({ user_id: userId }).delete()
    await trx('recovery_codes').insert(
      codes.map(code => ({ id: newId(), user_id: userId, hash: recoveryHash(userId, code), used_at: null })),
    )
    return codes
  }

  async #useRecoveryCode(trx: Knex.Transaction, userId: string, code: string): Promise<boolean> {
    const used_at = this.clock.now().toISOString()
    const hash = recoveryHash(userId, code)
    return (await trx('recovery_codes').where({ user_id: userId, hash, used_at: null }).update({ used_at })) === 1
  }
}

const purpose = (userId: string) => `totp:${userId}`
const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'

/** 16 characters of 5 random bits, in groups: `k7qm-…`. Too many to guess, so a plain hash protects them. */
function recoveryCode(): string {
  const text = Array.from(randomBytes(16), byte => alphabet[byte & 31]).join('')
  return text.replace(/(.{4})(?=.)/g, '$1-')
}

function recoveryHash(userId: string, code: string): string {
  return createHmac('sha256', userId).update(code.toLowerCase().replace(/[\s-]/g, '')).digest('hex')
}
