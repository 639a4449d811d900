/**
 * The broker's own small validators. They replace a library because the broker keeps its memory and its trusted code
 * small. A check returns the value it was given, typed, or throws {@link Violation}; unknown keys are always refused.
 */
export type Check<T> = (value: unknown, path: string) => T

/** What is wrong, and where: `files.vhost.mode`. */
export class Violation extends Error {
  override readonly name = 'Violation'
  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(path ? `${path}: ${reason}` : reason)
  }
}

const reserved = new Set(['__proto__', 'constructor', 'prototype'])
const at = (path: string, key: string | number) => (path ? `${path}.${key}` : String(key))

/** True when the text holds a C0, C1 or DEL character, or half of a surrogate pair. */
export function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true
  }
  return !text.isWellFormed()
}

export function string(options: { max: number; min?: number; pattern?: RegExp; says?: string }): Check<string> {
  return (value, path) => {
    if (typeof value !== 'string') throw new Violation(path, 'must be a string')
    if (value.length < (options.min ?? 0)) throw new Violation(path, `must have at least ${options.min} characters`)
    if (value.length > options.max) throw new Violation(path, `must have at most ${options.max} characters`)
    if (options.pattern && !options.pattern.test(value))
      throw new Violation(path, options.says ?? `must match ${options.pattern.source}`)
    return value
  }
}

/** Text without control characters. */
export function line(options: { max: number; min?: number }): Check<string> {
  const check = string(options)
  return (value, path) => {
    const text = check(value, path)
    if (hasControl(text)) throw new Violation(path, 'must not contain control characters')
    return text
  }
}

export function integer(min: number, max: number): Check<number> {
  return (value, path) => {
    if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max)
      throw new Violation(path, `must be a whole number from ${min} to ${max}`)
    return value as number
  }
}

export const boolean: Check<boolean> = (value, path) => {
  if (typeof value !== 'boolean') throw new Violation(path, 'must be true or false')
  return value
}

/** Accepts anything; whoever registers it checks the value itself. */
export const unchecked: Check<unknown> = value => value

export function oneOf<const T extends string>(...values: readonly T[]): Check<T> {
  return (value, path) => {
    if (!values.includes(value as T)) throw new Violation(path, `must be one of ${values.join(', ')}`)
    return value as T
  }
}

export function array<T>(item: Check<T>, options: { max: number; min?: number }): Check<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new Violation(path, 'must be a list')
    if (value.length < (options.min ?? 0)) throw new Violation(path, `must have at least ${options.min} entries`)
    if (value.length > options.max) throw new Violation(path, `must have at most ${options.max} entries`)
    return value.map((entry, index) => item(entry, at(path, index)))
  }
}

function keysOf(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Violation(path, 'must be an object')
  const keys = Object.keys(value)
  for (const key of keys) if (reserved.has(key)) throw new Violation(path, `must not have the key ${key}`)
  return keys
}

/** An object used as a table. Keys fit `key`, which is anchored by its author. */
export function record<T>(entry: Check<T>, options: { max: number; key: RegExp }): Check<Readonly<Record<string, T>>> {
  return (value, path) => {
    const keys = keysOf(value, path)
    if (keys.length > options.max) throw new Violation(path, `must have at most ${options.max} entries`)
    const result: Record<string, T> = {}
    for (const key of keys) {
      if (!options.key.test(key))
        throw new Violation(path, `has the key ${JSON.stringify(key.slice(0, 80))}, which is not a valid name`)
      result[key] = entry((value as Record<string, unknown>)[key], at(path, key))
    }
    return result
  }
}

type Shape = Readonly<Record<string, Check<unknown>>>
type Checked<S extends Shape> = { readonly [K in keyof S]: S[K] extends Check<infer T> ? T : never }

/** An object with exactly these keys; those of `optional` may be absent. */
export function object<R extends Shape, O extends Shape = Record<never, never>>(
  required: R,
  optional?: O,
): Check<Checked<R> & Partial<Checked<O>>> {
  return (value, path) => {
    const keys = keysOf(value, path)
    const given = value as Record<string, unknown>
    const result: Record<string, unknown> = {}
    for (const key of keys) {
      const check = Object.hasOwn(required, key)
        ? required[key]
        : optional && Object.hasOwn(optional, key)
          ? optional[key]
          : undefined
      if (!check) throw new Violation(at(path, key.slice(0, 80)), 'is not a known key')
      result[key] = check(given[key], at(path, key))
    }
    for (const key of Object.keys(required))
      if (!Object.hasOwn(given, key)) throw new Violation(at(path, key), 'is required')
    return result as Checked<R> & Partial<Checked<O>>
  }
}

/** The first alternative that the value's own shape selects. */
export function either<T>(choose: (value: unknown, path: string) => Check<T>): Check<T> {
  return (value, path) => choose(value, path)(value, path)
}

/** A check that may refer to itself. */
export function lazy<T>(make: () => Check<T>): Check<T> {
  return (value, path) => make()(value, path)
}
