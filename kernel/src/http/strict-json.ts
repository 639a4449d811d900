import { MalformedJson } from './errors.js'
import { findJsonFault } from './json-scan.js'

/** @throws MalformedJson naming the place, or the key, that `findJsonFault` finds */
export function parseJson(text: string): unknown {
  const fault = findJsonFault(text)
  if (fault) throw MalformedJson(fault)
  return JSON.parse(text) as unknown
}
