import { locale, t } from '@nusantara/sdk/ui'

/** A number that stands alone in its field of a cron expression. */
const number = /^\d{1,2}$/
const everyNth = /^\*\/(\d{1,2})$/

/** A cron expression in words where it is one of the usual kind; else itself. */
export function scheduleWords(cron: string): string {
  const fields = cron.trim().split(/\s+/)
  // Seconds stand before the five fields, where they are given.
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields.length === 6 ? fields.slice(1) : fields
  if (fields.length === 6 && fields[0] !== '0') return cron
  if (month !== '*') return cron
  const daily = day === '*' && weekday === '*'
  const nth = everyNth.exec(minute)?.[1]
  if (minute === '*' && hour === '*' && daily) return t('schedule.words.minute', { count: 1 })
  if (nth && hour === '*' && daily) return t('schedule.words.minute', { count: Number(nth) })
  if (!number.test(minute)) return cron
  const hours = everyNth.exec(hour)?.[1]
  if (daily && (hour === '*' || hours)) {
    const values = { count: Number(hours ?? 1), minute: minute.padStart(2, '0') }
    return t('schedule.words.hour', values)
  }
  if (!number.test(hour)) return cron
  const time = clock(Number(hour), Number(minute))
  if (daily) return t('schedule.words.day', { time })
  if (day === '*' && /^[0-7]$/.test(weekday))
    return t('schedule.words.week', { day: weekdayName(Number(weekday) % 7), time })
  if (weekday === '*' && number.test(day)) return t('schedule.words.month', { day: Number(day), time })
  return cron
}

function clock(hour: number, minute: number): string {
  const format = new Intl.DateTimeFormat(locale(), {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: 'UTC',
  })
  return format.format(Date.UTC(2024, 0, 1, hour, minute))
}

/** @param day 0 is Sunday */
function weekdayName(day: number): string {
  // 2023-01-01 was one.
  return new Intl.DateTimeFormat(locale(), { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2023, 0, 1 + day))
}
