import { registeredDomain } from './registered-domain.js'
import { day, hour } from './time.js'

/** Up to `of` at once; what was used comes back evenly over `per` milliseconds. */
export interface Limit {
  readonly of: number
  readonly per: number
}

export interface Limits {
  /** New orders of an account. */
  readonly orders: Limit
  /** Certificates for a registered domain, whoever asks. */
  readonly domain: Limit
  /** Certificates for exactly the same set of names. */
  readonly sameNames: Limit
  /** Failed validations of a name by an account. */
  readonly failures: Limit
}

/**
 * letsencrypt.org/docs/rate-limits, June 2025: "calculated, per request, using a token bucket algorithm". An order comes
 * back every 36 seconds, a certificate of a domain every 202 minutes, of the same names every 34 hours, a failed
 * validation every 12 minutes.
 */
export const letsEncryptLimits: Limits = {
  orders: { of: 300, per: 3 * hour },
  domain: { of: 50, per: 7 * day },
  sameNames: { of: 5, per: 7 * day },
  failures: { of: 5, per: hour },
}

/**
 * `ari`: the order names the certificate that it replaces, within the suggested window; Let's Encrypt counts it nowhere.
 * `names`: the same names as an earlier certificate's; counted only among the certificates of the same names.
 */
export type RenewalKind = 'ari' | 'names'

export interface PastEvent {
  readonly at: Date
  readonly kind: 'order' | 'certificate' | 'failure'
  /** Of a failure: the names that could not be validated. */
  readonly names: readonly string[]
  readonly renewal?: RenewalKind | null
}

export interface LimitUse {
  readonly limit: keyof Limits
  /** What it is counted for: a name, a registered domain, names joined by a space; empty for the account. */
  readonly subject: string
  readonly used: number
  readonly of: number
  /** When it allows one more; null when it does now. */
  readonly freeAt: Date | null
  /** Whether it counts for what is wished: renewals are exempt from some. */
  readonly binds: boolean
}

export interface Budget {
  readonly uses: readonly LimitUse[]
  /** When nothing stands in the way any more; null when nothing does. */
  readonly blockedUntil: Date | null
}

export interface BudgetQuestion {
  readonly names: readonly string[]
  readonly events: readonly PastEvent[]
  readonly now: Date
  readonly renewal?: RenewalKind | null
  readonly limits?: Limits
}

/** How much of an authority's rate limits a certificate for these names would find used. */
export function budget({ names, events, now, renewal, limits = letsEncryptLimits }: BudgetQuestion): Budget {
  const past = events.filter(({ at, renewal }) => at <= now && renewal !== 'ari')
  const uses = countersFor(names).map(({ limit, subject, counts }) => {
    const { of } = limits[limit]
    const { used, freeAt } = fill(limits[limit], past.filter(counts), now)
    return { limit, subject, used, of, freeAt, binds: bindsOn(limit, renewal) }
  })
  const binding = uses.flatMap(({ freeAt, binds }) => (freeAt && binds ? [freeAt.getTime()] : []))
  return { uses, blockedUntil: binding.length > 0 ? new Date(Math.max(...binding)) : null }
}

interface Counter {
  readonly limit: keyof Limits
  readonly subject: string
  readonly counts: (event: PastEvent) => boolean
}

function countersFor(names: readonly string[]): Counter[] {
  const wished = setOf(names)
  const set = wished.join(' ')
  return [
    { limit: 'orders', subject: '', counts: event => event.kind === 'order' && event.renewal !== 'names' },
    ...[...new Set(wished.map(registeredDomain))].map(domain => ({
      limit: 'domain' as const,
      subject: domain,
      counts: ({ kind, names, renewal }: PastEvent) =>
        kind === 'certificate' && renewal !== 'names' && names.some(name => registeredDomain(name) === domain),
    })),
    {
      limit: 'sameNames',
      subject: set,
      counts: ({ kind, names }) => kind === 'certificate' && setOf(names).join(' ') === set,
    },
    ...wished.map(name => ({
      limit: 'failures' as const,
      subject: name,
      counts: ({ kind, names }: PastEvent) => kind === 'failure' && setOf(names).includes(name),
    })),
  ]
}

function bindsOn(limit: keyof Limits, renewal: RenewalKind | null | undefined): boolean {
  if (renewal === 'ari') return false
  return renewal !== 'names' || limit === 'sameNames' || limit === 'failures'
}

/** Plays the events into a bucket that empties at an even rate; `level` is what is in it. */
function fill({ of, per }: Limit, events: readonly PastEvent[], now: Date): { used: number; freeAt: Date | null } {
  const rate = of / per
  let level = 0
  let last = 0
  for (const time of events.map(({ at }) => at.getTime()).toSorted((a, b) => a - b)) {
    level = Math.max(0, level - (time - last) * rate) + 1
    last = time
  }
  level = Math.max(0, level - (now.getTime() - last) * rate)
  // Floating point leaves a hair of what has come back.
  const used = Math.max(0, Math.ceil(level - 1e-6))
  const wait = Math.ceil((level + 1 - of - 1e-9) / rate)
  return { used, freeAt: used + 1 > of ? new Date(now.getTime() + wait) : null }
}

/** In the order and spelling in which sets are compared. */
function setOf(names: readonly string[]): string[] {
  return [...new Set(names.map(name => name.toLowerCase()))].toSorted()
}
