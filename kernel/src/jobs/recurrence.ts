import type { ScheduleDefinition } from '@nusantara/sdk'
import { Cron } from 'croner'
import { ScheduleInvalid } from './errors.js'

/** The moments of a cron expression in its zone. Local times that a change of the clocks leaves out or repeats run once. */
export class Recurrence {
  readonly timezone: string
  readonly #cron: Cron

  /** @throws ScheduleInvalid for an expression or a zone that does not exist, or one that never comes */
  constructor({ name, cron, timezone = 'UTC' }: Pick<ScheduleDefinition, 'name' | 'cron' | 'timezone'>) {
    this.timezone = timezone
    try {
      // Paused: only the dates are used; timers are the panel's own.
      this.#cron = new Cron(cron, { ...zoneOf(timezone), paused: true, mode: '5-or-6-parts' })
    } catch (error) {
      throw ScheduleInvalid({ name, reason: (error as Error).message }, { cause: error })
    }
    if (!this.#cron.nextRun()) throw ScheduleInvalid({ name, reason: `${cron} never comes` })
  }

  /** The first moment after `date`. */
  after(date: Date): Date | undefined {
    return this.#cron.nextRun(date) ?? undefined
  }

  /** The last moment of `due` and those after it that is not later than `now`. */
  lastUntil(due: Date, now: Date): Date {
    // croner's references are exclusive: a moment that is exactly now counts.
    const [previous] = this.#cron.previousRuns(1, new Date(now.getTime() + 1000))
    return previous && previous >= due && previous <= now ? previous : due
  }
}

/** UTC needs no table of zones, which takes 25 ms to load. @throws RangeError for a zone that does not exist */
function zoneOf(timezone: string): { readonly timezone: string } | { readonly utcOffset: 0 } {
  if (timezone === 'UTC') return { utcOffset: 0 }
  new Intl.DateTimeFormat('en', { timeZone: timezone })
  return { timezone }
}
