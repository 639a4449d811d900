import { locale } from './messages.js'

const units: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

export function formatNumber(value: number, options?: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(locale(), options).format(value)
}

/** Binary units, `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = bytes < 1 ? 0 : Math.min(names.length - 1, Math.floor(Math.log2(bytes) / 10))
  return `${formatNumber(bytes / 1024 ** power, { maximumFractionDigits: power ? 1 : 0 })} ${names[power]}`
}

/** `a, b and c`. */
export function formatList(words: readonly string[]): string {
  return new Intl.ListFormat(locale(), { type: 'conjunction' }).format(words)
}

/** In the reader's own time zone. */
export function formatDate(date: Date, style: 'date' | 'full' = 'full'): string {
  const options: Intl.DateTimeFormatOptions =
    style === 'date' ? { dateStyle: 'medium' } : { dateStyle: 'medium', timeStyle: 'medium' }
  return new Intl.DateTimeFormat(locale(), options).format(date)
}

/** `3 minutes ago`, `in 2 days`; below a minute `now`. */
export function formatRelative(date: Date, now: Date = new Date()): string {
  const seconds = (date.getTime() - now.getTime()) / 1000
  const formatter = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto', style: 'long' })
  for (const [unit, size] of units)
    if (Math.abs(seconds) >= size) return formatter.format(Math.round(seconds / size), unit)
  return formatter.format(0, 'second')
}

/** `12 ms`, `0.8 s`, `12 s`, `3 min 5 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 100)
    return formatNumber(Math.max(0, Math.round(milliseconds)), {
      style: 'unit',
      unit: 'millisecond',
      unitDisplay: 'short',
    })
  const seconds = milliseconds / 1000
  const second = (value: number, digits: number) =>
    formatNumber(value, { style: 'unit', unit: 'second', unitDisplay: 'short', maximumFractionDigits: digits })
  if (seconds < 9.95) return second(seconds, 1)
  const whole = Math.round(seconds)
  if (whole < 60) return second(whole, 0)
  const minute = formatNumber(Math.floor(whole / 60), { style: 'unit', unit: 'minute', unitDisplay: 'short' })
  return `${minute} ${second(whole % 60, 0)}`
}
