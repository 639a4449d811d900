import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import { inject, Lifecycle, scoped } from 'tsyringe'
import type { Config } from '../config/config.js'
import { CONFIG } from '../config/token.js'
import { PasswordCommon, PasswordContainsName, PasswordTooLong, PasswordTooShort } from './errors.js'
import { randomKeyFile } from './key-file.js'
import { type Lane, PasswordPool } from './password-pool.js'

/** Characters; NIST SP 800-63B-4 §3.1.1.2. */
export const passwordMin = 15
export const passwordMinWithTotp = 8
export const passwordMax = 256

const scheme = 'hmac-bcrypt-1:'

/**
 * Hashing and the rules for new passwords. bcrypt sees HMAC-SHA-384 of the password under a per-install key, base64:
 * it would ignore what follows 72 bytes and mistreat NUL, and without the key a stolen store cannot be guessed at.
 */
@scoped(Lifecycle.ContainerScoped)
export class Passwords {
  readonly #pool = new PasswordPool()
  readonly #path: string
  readonly #cost: number
  #pepper?: Buffer
  #nobody?: Promise<string>

  constructor(@inject(CONFIG) config: Config) {
    this.#path = join(config.home, 'pepper')
    this.#cost = config.bcryptCost
  }

  /** Threads alive now. */
  get threads(): number {
    return this.#pool.threads
  }

  async hash(password: string, lane: Lane = 'known'): Promise<string> {
    return scheme + (await this.#pool.run({ kind: 'hash', text: this.#prehash(password), cost: this.#cost }, lane))
  }

  async verify(password: string, hash: string, lane: Lane): Promise<boolean> {
    if (!hash.startsWith(scheme)) return false
    const task = { kind: 'compare', text: this.#prehash(password), hash: hash.slice(scheme.length) } as const
    return (await this.#pool.run(task, lane)) === true
  }

  /** Takes as long as `verify`, so that an unknown name answers no faster than a known one. */
  async verifyNobody(password: string, lane: Lane): Promise<false> {
    this.#nobody ??= this.hash('nobody has this password', lane).catch(error => {
      this.#nobody = undefined
      throw error
    })
    await this.verify(password, await this.#nobody, lane)
    return false
  }

  /** True when the hash was made with another work factor than today's. */
  outdated(hash: string): boolean {
    return !hash.startsWith(`${scheme}$2b$${String(this.#cost).padStart(2, '0')}$`)
  }

  isShort(password: string): boolean {
    return length(password) < passwordMin
  }

  /**
   * The rules for a new password; no rule about its composition.
   *
   * @param totp whether the user has a second factor
   * @throws PasswordTooShort, PasswordTooLong, PasswordContainsName, PasswordCommon
   */
  async check(password: string, username: string, totp: boolean): Promise<void> {
    const min = totp ? passwordMinWithTotp : passwordMin
    if (length(password) < min) throw PasswordTooShort({ min })
    if (length(password) > passwordMax) throw PasswordTooLong({ max: passwordMax })
    const lower = password.normalize('NFKC').toLowerCase()
    if (username.length >= 3 && lower.includes(username.toLowerCase())) throw PasswordContainsName()
    const unit = repeatedUnit(lower)
    if (unit.length < 4) throw PasswordCommon()
    const candidates = [lower, unit, lower.replace(/[\d\p{P}\p{S}]+$/u, '')]
    if (await this.#pool.run({ kind: 'common', candidates }, 'known')) throw PasswordCommon()
  }

  stop(): Promise<void> {
    return this.#pool.stop()
  }

  #prehash(password: string): string {
    this.#pepper ??= randomKeyFile(this.#path)
    return createHmac('sha384', this.#pepper).update(password.normalize('NFKC')).digest('base64')
  }
}

function length(password: string): number {
  return [...password].length
}

/** `abcabc` is `abc` twice; a text that repeats nothing is its own unit. */
function repeatedUnit(text: string): string {
  const period = (text + text).indexOf(text, 1)
  return text.slice(0, period)
}
