import type { Problem } from '@nusantara/sdk'
import { MalformedTarget } from './errors.js'

const mostPairs = 128
const longestName = 128

/**
 * The pairs after `?`, each percent-decoded exactly once; `+` is a space. A key that stands more than once has a list.
 *
 * @throws MalformedTarget naming the parameter, for a bad percent sequence, the key `__proto__`, or more than 128 pairs
 */
export function parseQuery(target: string): Record<string, string | string[]> {
  const start = target.indexOf('?')
  const query: Record<string, string | string[]> = {}
  if (start < 0) return query
  const pairs = target.slice(start + 1).split('&')
  if (pairs.length > mostPairs) throw malformed('query', 'count')
  for (const pair of pairs) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const written = equals < 0 ? pair : pair.slice(0, equals)
    const key = decodeOnce(written, written)
    const value = equals < 0 ? '' : decodeOnce(pair.slice(equals + 1), key)
    if (key === '__proto__') throw malformed(key, 'prototype')
    const present = Object.hasOwn(query, key) ? query[key] : undefined
    query[key] = present === undefined ? value : [...(Array.isArray(present) ? present : [present]), value]
  }
  return query
}

function decodeOnce(text: string, name: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw malformed(name, 'encoding')
  }
}

function malformed(name: string, reason: 'count' | 'prototype' | 'encoding'): Problem {
  return MalformedTarget({ part: 'query', name: name.slice(0, longestName), reason })
}
