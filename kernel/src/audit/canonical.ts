import { createHash } from 'node:crypto'

/** JSON with sorted keys and no spaces, so that one value has one text. `undefined` members are left out. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`)
  return `{${members.join(',')}}`
}

/** Hash of an entry: over the hash before it and its own stored text. Hexadecimal SHA-256. */
export function entryHash(previous: string, body: string): string {
  return createHash('sha256').update(`nusantara-audit-1\n${previous}\n${body}`).digest('hex')
}

/** `previous` of the first entry. */
export const genesis = '0'.repeat(64)
