import {
  type IRateLimiterOptions,
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRes,
} from 'rate-limiter-flexible'
import { Lifecycle, scoped } from 'tsyringe'
import { State } from '../state/state.js'
import { addressKey } from './address.js'
import { TooManyAttempts } from './errors.js'

/** Who tries what. */
export interface Attempt {
  readonly kind: 'password' | 'code' | 'proof' | 'setup'
  /** The account that is tried: a name as typed, in lower case, or a user id. */
  readonly subject: string
  readonly address: string
  /** The address (IPv6: its /64) signed in to this account before. */
  readonly known: boolean
}

const free = 5
const freePerAddress = 30
/** As many as one address has within a window while its own blocks double: alone it never closes an account to others. */
const freePerCrowd = 30
const windowSeconds = 15 * 60
const firstBlockSeconds = 15
const longestBlockSeconds = 15 * 60
const strikesSeconds = 24 * 60 * 60
/** Made by a migration; what expired is cleared with what else is kept for a time. */
const table = { tableName: 'rate_limits', tableCreated: true, clearExpiredByTimeout: false }

/**
 * Counts attempts before anything expensive happens, per account and per address; each further block is twice as long,
 * up to 15 minutes. Passwords are counted per account for each address apart, and for all strange addresses together with
 * more room: one attacker keeps nobody waiting but themselves, many can keep strangers waiting, and none the administrator
 * at the usual place, whose address signed in to the account before. Nothing is locked for good. Processes that share a
 * state share the counts; the one process of an embedded store keeps them to itself.
 */
@scoped(Lifecycle.ContainerScoped)
export class Throttle {
  readonly #subjects: RateLimiterAbstract
  readonly #addresses: RateLimiterAbstract
  readonly #crowds: RateLimiterAbstract
  readonly #strikes: RateLimiterAbstract

  readonly #beginnings = new WeakSet<object>()

  constructor(state: State) {
    const limiter = (options: IRateLimiterOptions): RateLimiterAbstract =>
      state.dialect === 'postgres'
        ? new RateLimiterPostgres({ ...options, storeClient: state.knex, storeType: 'knex', ...table })
        : new RateLimiterMemory(options)
    this.#subjects = limiter({ keyPrefix: 'subject', points: free, duration: windowSeconds })
    this.#addresses = limiter({ keyPrefix: 'address', points: freePerAddress, duration: windowSeconds })
    this.#crowds = limiter({ keyPrefix: 'crowd', points: freePerCrowd, duration: windowSeconds })
    this.#strikes = limiter({ keyPrefix: 'strikes', points: 1, duration: strikesSeconds })
  }

  /** Takes one attempt, to be called before it is looked at. @throws TooManyAttempts */
  async enter(attempt: Attempt): Promise<void> {
    if (!attempt.known) await this.#take(this.#addresses, addressKey(attempt.address))
    await this.#take(this.#subjects, subjectKey(attempt))
    const crowd = crowdKey(attempt)
    if (crowd) await this.#take(this.#crowds, crowd)
  }

  /** Gives the attempt back: it was right. Others' failures on the same keys stay counted. */
  async succeeded(attempt: Attempt): Promise<void> {
    const key = subjectKey(attempt)
    if (attempt.known) {
      await this.#subjects.delete(key)
      await this.#strikes.delete(key)
      return
    }
    await this.#subjects.reward(key)
    await this.#addresses.reward(addressKey(attempt.address))
    const crowd = crowdKey(attempt)
    if (crowd) await this.#crowds.reward(crowd)
  }

  async #take(limiter: RateLimiterAbstract, key: string): Promise<void> {
    try {
      await limiter.consume(key)
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused
      const begins = refused.consumedPoints === limiter.points + 1
      const ms = begins ? await this.#block(limiter, key) : refused.msBeforeNext
      const problem = TooManyAttempts({ seconds: Math.ceil(ms / 1000) })
      if (begins) this.#beginnings.add(problem)
      throw problem
    }
  }

  /** Only the attempt that goes over the limit begins a block; those during it change nothing. */
  async #block(limiter: RateLimiterAbstract, key: string): Promise<number> {
    const strikes = await this.#strikes.penalty(key)
    const seconds = blockSeconds(strikes.consumedPoints)
    await limiter.block(key, seconds)
    return seconds * 1000
  }

  /** True for the refusal that began a block: that one is worth recording, the flood after it is not. */
  beganBlock(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.#beginnings.has(error)
  }
}

/** How long the nth block within a day lasts. */
export function blockSeconds(nth: number): number {
  return Math.min(firstBlockSeconds * 2 ** (nth - 1), longestBlockSeconds)
}

/** Who has the code's turn has the password already: codes are counted together wherever they come from. */
function subjectKey({ kind, subject, address, known }: Attempt): string {
  if (known) return `${kind}|known|${addressKey(address)}|${subject}`
  return kind === 'password' ? `${kind}|${addressKey(address)}|${subject}` : `${kind}|${subject}`
}

function crowdKey({ kind, subject, known }: Attempt): string | undefined {
  return kind === 'password' && !known ? `${kind}|${subject}` : undefined
}
