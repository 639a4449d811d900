import { second } from './time.js'

/** A `Retry-After` header, seconds or a date (RFC 9110 §10.2.3); null for what is neither. */
export function parseRetryAfter(header: string | null | undefined, now: Date): Date | null {
  const text = header?.trim() ?? ''
  if (/^\d{1,10}$/.test(text)) return new Date(now.getTime() + Number(text) * second)
  // Date.parse alone takes '-5' for a month.
  const time = /^[A-Z][a-z]+,? /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? null : new Date(time)
}
