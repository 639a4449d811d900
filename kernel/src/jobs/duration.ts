import { DurationInvalid } from './errors.js'

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `500ms`, `30s`, `10m`, `2h` or `1d`. @throws DurationInvalid */
export function milliseconds(text: string): number {
  const match = /^([1-9]\d{0,8})(ms|s|m|h|d)$/.exec(text)
  if (!match) throw DurationInvalid({ value: text })
  return Number(match[1]) * units[match[2] as keyof typeof units]
}
