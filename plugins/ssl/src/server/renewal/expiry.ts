import { latestRenewal } from './renewal-time.js'
import { day, lifetimeOf, type Validity } from './time.js'

export type ExpiryHealth = 'ok' | 'warning' | 'failed'

export interface Expiry extends Validity {
  readonly now: Date
  /** When its renewal was first due; for certificates that nobody renews by themselves, none. */
  readonly renewAt?: Date | null
}

/** From when on a certificate is a warning or a failure, all relative to how long it lives. */
export interface ExpiryThresholds {
  readonly warning: Date
  readonly failed: Date
}

/**
 * A renewal that is overdue is worth a warning after a day (5 % of a long lifetime), or when a third of the time between
 * its being due and the certificate's end is gone. The last three days are a failure, as are the last 5 % of a long
 * lifetime; for certificates of days it is the last third of that margin, since they live for less than a week anyhow.
 */
export function expiryThresholds({ notBefore, notAfter, renewAt }: Omit<Expiry, 'now'>): ExpiryThresholds {
  const lifetime = lifetimeOf({ notBefore, notAfter })
  const due = Math.min((renewAt ?? latestRenewal({ notBefore, notAfter })).getTime(), notAfter.getTime())
  const margin = notAfter.getTime() - due
  const overdue = Math.max(day, lifetime * 0.05)
  const last = Math.max(lifetime * 0.05, Math.min(3 * day, margin / 3))
  return {
    warning: new Date(due + Math.min(overdue, margin / 3)),
    failed: new Date(notAfter.getTime() - last),
  }
}

export function expiryHealth({ now, ...expiry }: Expiry): ExpiryHealth {
  const { warning, failed } = expiryThresholds(expiry)
  if (now >= failed) return 'failed'
  return now > warning ? 'warning' : 'ok'
}
