import { Refusal } from './refusals.js'

const units: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

/** `64m` in bytes; null for anything else. */
export function bytes(value: string): number | null {
  const match = /^(\d{1,12})([kmg]?)$/.exec(value)
  return match ? Number(match[1]) * (units[match[2] ?? ''] ?? 1) : null
}

/** A size in lower case. @throws Refusal */
export function parseSize(input: string, max: string): string {
  const value = input.toLowerCase()
  const amount = bytes(value)
  if (amount === null || amount < 1 || amount > (bytes(max) ?? 0))
    throw new Refusal('size_form', { value: input.slice(0, 40), max })
  return value
}
