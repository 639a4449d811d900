import { type JsonSchema, sampleOf } from './samples.js'

/** One place of an input that takes a value. */
export interface Field {
  /** Keys from the outside in; `*` is the first item of a list, `?` a key of the sender's choice. */
  readonly path: readonly string[]
  readonly schema: JsonSchema
  /** The key itself is the value under test. */
  readonly key: boolean
}

const deepest = 5

/** Every value inside a schema, nested, in lists and in alternatives, and every key that a sender may choose. */
export function fieldsOf(schema: JsonSchema): readonly Field[] {
  const found = new Map<string, Field>()
  const add = (path: readonly string[], node: JsonSchema, key = false) => {
    const name = `${path.join('.')}${key ? ' (key)' : ''}`
    if (path.length > 0 && !found.has(name)) found.set(name, { path, schema: node, key })
  }
  const walk = (node: JsonSchema, path: readonly string[]) => {
    add(path, node)
    if (path.length >= deepest) return
    for (const branch of node.anyOf ?? []) walk(branch, path)
    for (const [key, value] of Object.entries(node.properties ?? {})) walk(value, [...path, key])
    for (const value of Object.values(node.patternProperties ?? {})) {
      add([...path, '?'], value, true)
      walk(value, [...path, '?'])
    }
    if (node.items) walk(node.items, [...path, '*'])
  }
  walk(schema, [])
  return [...found.values()]
}

/** Where the value stands in this sample: lists' first items and chosen keys filled in; undefined when it has no such place. */
export function placeOf(sample: unknown, path: readonly string[]): readonly string[] | undefined {
  const place: string[] = []
  let value = sample
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined
    const key = part === '*' ? '0' : part === '?' ? Object.keys(value)[0] : part
    if (key === undefined || Array.isArray(value) !== (part === '*') || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
    place.push(key)
  }
  return place
}

/** The sample with a place for the field made: what is missing on the way is derived from the schema. */
export function withPlace(sample: unknown, schema: JsonSchema, path: readonly string[]): unknown {
  const [part, ...rest] = path
  if (part === undefined) return sample ?? sampleOf(schema)
  const branch = [schema, ...(schema.anyOf ?? [])].find(each => childOf(each, part)) ?? {}
  const child = childOf(branch, part) ?? {}
  if (part === '*') {
    const [first, ...more] = Array.isArray(sample) ? (sample as unknown[]) : []
    return [withPlace(first, child, rest), ...more]
  }
  const present = isObject(sample) ? sample : (sampleOf({ type: 'object', ...branch }) as Record<string, unknown>)
  const key = part === '?' ? (Object.keys(present)[0] ?? 'sample') : part
  return { ...present, [key]: withPlace(present[key], child, rest) }
}

/** A copy with another value, or, of a chosen key, another key. */
export function replaced(sample: unknown, place: readonly string[], value: unknown, key: boolean): unknown {
  const [part, ...rest] = place
  if (part === undefined) return value
  if (Array.isArray(sample)) {
    return sample.map((item, index) => (String(index) === part ? replaced(item, rest, value, key) : item))
  }
  const entries = Object.entries(sample as object).map(([name, inner]) => {
    if (name !== part) return [name, inner]
    return key && rest.length === 0 ? [String(value), inner] : [name, replaced(inner, rest, value, key)]
  })
  return Object.fromEntries(entries)
}

function childOf(schema: JsonSchema, part: string): JsonSchema | undefined {
  if (part === '*') return schema.items
  if (part === '?') return Object.values(schema.patternProperties ?? {})[0]
  return schema.properties?.[part]
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
