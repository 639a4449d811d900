import { MalformedJson } from './errors.js'

const deepest = 32
const quote = 0x22
const backslash = 0x5c
/** The key itself, or an escape in which it could hide. */
const suspicious = /__proto__|\\u/

/**
 * Parses JSON (RFC 8259) of a bounded depth.
 *
 * @throws MalformedJson when it is not JSON, nests deeper than 32, or has a key `__proto__`
 */
export function parseJson(text: string): unknown {
  checkDepth(text)
  try {
    return (suspicious.test(text) ? JSON.parse(text, refusePrototype) : JSON.parse(text)) as unknown
  } catch (error) {
    if (MalformedJson.is(error)) throw error
    throw MalformedJson({ reason: 'syntax' })
  }
}

function refusePrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw MalformedJson({ reason: 'prototype' })
  return value
}

/** Before parsing, because the parser itself recurses. */
function checkDepth(text: string): void {
  let depth = 0
  let inString = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (inString) {
      if (code === backslash) index++
      else if (code === quote) inString = false
    } else if (code === quote) inString = true
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > deepest) throw MalformedJson({ reason: 'depth' })
    } else if (code === 0x7d || code === 0x5d) depth--
  }
}
