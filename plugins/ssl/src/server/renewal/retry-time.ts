import { day, laterOf, minute, type Random } from './time.js'

export interface Retry {
  /** How often in succession it failed, this time included. */
  readonly failures: number
  readonly now: Date
  /** What the authority asked for (RFC 8555 §6.6). */
  readonly retryAfter?: Date | null
  readonly random: Random
}

/** Soon for what passes by itself, then ever less often; authorities count failures. */
const delays = [minute, 10 * minute, 100 * minute] as const
const jitterShare = 0.1

/** When to try again what failed: after 1, 10 and 100 minutes, then daily, a tenth more or less. */
export function retryTime({ failures, now, retryAfter, random }: Retry): Date {
  if (failures <= 0) return laterOf(now, retryAfter)
  const delay = delays[failures - 1] ?? day
  const jitter = 1 + jitterShare * (2 * random() - 1)
  return laterOf(new Date(now.getTime() + Math.round(delay * jitter)), retryAfter)
}
