import { day, laterOf, lifetimeOf, type Random, type Validity } from './time.js'

/** When its authority wants a certificate renewed (RFC 9773 §4.2). */
export interface SuggestedWindow {
  readonly start: Date
  readonly end: Date
}

export interface Renewal extends Validity {
  readonly now: Date
  readonly ari?: SuggestedWindow | null
  /** What was answered before. Kept while it still fits, so that asking again does not mean drawing again. */
  readonly chosen?: Date | null
  readonly random: Random
}

const shortLifetime = 10 * day
const jitterShare = 0.05

/**
 * When to renew: at a random time within the window its authority suggests; without one after two thirds of the
 * lifetime (half of a short one), a little earlier by chance so that certificates of one day do not come due together.
 * What lies in the past means now. A window that begins when the certificate has ended is no advice.
 */
export function renewalTime({ notBefore, notAfter, now, ari, chosen, random }: Renewal): Date {
  const validity = { notBefore, notAfter }
  const window = ari && ari.start < notAfter && ari.start < ari.end ? ari : ownWindow(validity)
  const start = Math.max(window.start.getTime(), notBefore.getTime())
  const end = Math.max(start, Math.min(window.end.getTime(), notAfter.getTime()))
  const kept = chosen && chosen.getTime() >= start && chosen.getTime() <= end ? chosen : null
  return laterOf(kept ?? new Date(start + Math.floor(random() * (end - start))), now)
}

/** Without advice: the latest time of {@link renewalTime}. */
export function latestRenewal(validity: Validity): Date {
  return ownWindow(validity).end
}

function ownWindow(validity: Validity): SuggestedWindow {
  const lifetime = lifetimeOf(validity)
  const share = lifetime < shortLifetime ? 1 / 2 : 2 / 3
  const from = validity.notBefore.getTime()
  return {
    start: new Date(from + Math.round(lifetime * (share - jitterShare))),
    end: new Date(from + Math.round(lifetime * share)),
  }
}
