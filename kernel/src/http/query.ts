import { MalformedTarget } from './errors.js'

const mostPairs = 128

/**
 * The pairs after `?`, each percent-decoded exactly once; `+` is a space. A key that stands more than once has a list.
 *
 * @throws MalformedTarget for a bad percent sequence, too many pairs, or the key `__proto__`
 */
export function parseQuery(target: string): Record<string, string | string[]> {
  const start = target.indexOf('?')
  const query: Record<string, string | string[]> = {}
  if (start < 0) return query
  const pairs = target.slice(start + 1).split('&')
  if (pairs.length > mostPairs) throw MalformedTarget()
  for (const pair of pairs) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const key = decodeOnce(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? '' : decodeOnce(pair.slice(equals + 1))
    if (key === '__proto__') throw MalformedTarget()
    const present = Object.hasOwn(query, key) ? query[key] : undefined
    query[key] = present === undefined ? value : [...(Array.isArray(present) ? present : [present]), value]
  }
  return query
}

function decodeOnce(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw MalformedTarget()
  }
}
