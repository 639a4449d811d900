import { type CliError, usage } from './exit-codes.js'
import { textOf } from './file-value.js'
import { camel, type JsonSchema, kebab, type Operation } from './operations.js'
import { nearest } from './suggestions.js'

export interface ParsedLine {
  readonly positional: readonly string[]
  /** Flag name as written (kebab) → its values; a flag without a value is `true`. */
  readonly flags: ReadonlyMap<string, readonly (string | true)[]>
}

/** `--name value`, `--name=value`, `--flag`, `--no-flag`; `--` ends the flags. Whether a flag takes a value is decided by `takesValue`. */
export function parseLine(words: readonly string[], takesValue: (name: string) => boolean): ParsedLine {
  const positional: string[] = []
  const flags = new Map<string, (string | true)[]>()
  const put = (name: string, value: string | true) => flags.set(name, [...(flags.get(name) ?? []), value])
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as string
    if (word === '--') {
      positional.push(...words.slice(index + 1))
      break
    }
    if (!word.startsWith('--')) {
      positional.push(word)
      continue
    }
    const [name, inline] = splitOnce(word.slice(2), '=')
    if (inline !== undefined) put(name, inline)
    else if (!takesValue(name)) put(name, true)
    else {
      const value = words[++index]
      if (value === undefined) throw usage('flag_needs_value', { flag: name })
      put(name, value)
    }
  }
  return { positional, flags }
}

export interface RequestInput {
  readonly path: string
  readonly body: unknown
}

/** The request that a command line asks for. @throws CliError `usage` naming the argument or flag */
export function buildRequest(operation: Operation, line: ParsedLine): RequestInput {
  const query = new URLSearchParams()
  const flagged: Record<string, unknown> = {}
  for (const [flag, given] of line.flags) assign(operation, flag, given, query, flagged)
  if (line.positional.length > operation.positional.length && !operation.variadic) {
    throw usage('argument_unknown', {
      word: line.positional[operation.positional.length],
      usage: usageOf(operation),
    })
  }
  const values = new Map<string, readonly string[]>()
  operation.positional.forEach((name, index) => {
    const rest = operation.variadic && index === operation.positional.length - 1
    const words = line.positional.slice(index, rest ? undefined : index + 1)
    if (words.length > 0) values.set(name, words)
    else if (operation.pathParams.includes(name)) throw usage('argument_missing', { name, usage: usageOf(operation) })
  })
  let path = operation.path
  for (const name of operation.pathParams)
    path = path.replace(`{${name}}`, encodeURIComponent(String(values.get(name))))
  const body: Record<string, unknown> = {}
  for (const name of operation.positional) {
    const words = operation.pathParams.includes(name) ? undefined : values.get(name)
    if (words) body[name] = convert(name, operation.body?.properties?.[name], words)
  }
  const text = query.toString()
  return { path: text ? `${path}?${text}` : path, body: operation.body ? { ...body, ...flagged } : undefined }
}

function assign(
  operation: Operation,
  flag: string,
  given: readonly (string | true)[],
  query: URLSearchParams,
  body: Record<string, unknown>,
): void {
  const [name = '', ...inner] = flag.split('.').map(camel)
  if (operation.query[name]) {
    for (const value of given) query.append(name, String(value))
    return
  }
  const negated = /^no[A-Z]/.test(name) ? name.charAt(2).toLowerCase() + name.slice(3) : undefined
  const key = operation.body?.properties?.[name] || !negated ? name : negated
  const schema = operation.body?.properties?.[key]
  if (!schema) throw unknownFlag(flag, flagsOf(operation), usageOf(operation))
  if (key === negated) body[key] = false
  else if (inner.length > 0) setInner(body, [key, ...inner], innerSchema(schema, inner), given)
  else {
    const value = convert(flag, schema, given)
    const present = body[key]
    body[key] = isPlain(present) && isPlain(value) ? { ...present, ...value } : value
  }
}

function setInner(
  body: Record<string, unknown>,
  path: readonly string[],
  schema: JsonSchema | undefined,
  given: readonly (string | true)[],
): void {
  let place = body
  for (const key of path.slice(0, -1)) {
    const next = isPlain(place[key]) ? (place[key] as Record<string, unknown>) : {}
    place[key] = next
    place = next
  }
  place[path.at(-1) as string] = convert(path.join('.'), schema, given)
}

/** The schema of a dotted flag: through alternatives, the first that has the key. */
function innerSchema(schema: JsonSchema, path: readonly string[]): JsonSchema | undefined {
  const [key, ...rest] = path
  if (key === undefined) return schema
  for (const choice of alternatives(schema)) {
    const next = choice.properties?.[key]
    if (next) return innerSchema(next, rest)
  }
  return undefined
}

export function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf ?? schema.oneOf ?? [schema]
}

function convert(name: string, schema: JsonSchema | undefined, given: readonly (string | true)[]): unknown {
  const choices = schema ? alternatives(schema) : []
  const has = (type: string) => choices.some(choice => choice.type === type)
  if (has('array')) {
    const item = choices.find(choice => choice.type === 'array')?.items
    return given.flatMap(value => String(value).split(',')).map(value => convert(name, item, [value]))
  }
  const written = given.at(-1) as string | true
  if (written === true) return true
  const value = textOf(name, written)
  if (has('object')) return objectValue(name, choices, value)
  if ((has('number') || has('integer')) && /^-?\d+(\.\d+)?$/.test(value)) return Number(value)
  if (has('boolean') && /^(true|false)$/.test(value)) return value === 'true'
  return value
}

/** An object is written as JSON, or, when its kinds are told apart by `type`, as that word: `--kind small`. */
function objectValue(name: string, choices: readonly JsonSchema[], value: string): unknown {
  if (value.startsWith('{')) {
    try {
      return JSON.parse(value)
    } catch (error) {
      throw usage('flag_not_json', { flag: name, reason: (error as Error).message })
    }
  }
  if (choices.some(choice => choice.properties?.type)) return { type: value }
  throw usage('flag_is_object', { flag: name })
}

/** Whether a flag is followed by its value: all of the body and query but booleans, and some of the command line's own. */
export function takesValue(
  operation: Operation,
  own: ReadonlyMap<string, 'value' | 'switch'>,
): (flag: string) => boolean {
  return flag => {
    const [name = '', ...inner] = flag.split('.').map(camel)
    const top = operation.query[name] ?? operation.body?.properties?.[name]
    // What nobody knows is refused by its name, whatever follows it.
    if (!top) return own.get(flag) === 'value'
    const schema = innerSchema(top, inner)
    return !(schema && alternatives(schema).every(choice => choice.type === 'boolean'))
  }
}

export function usageOf(operation: Operation): string {
  const last = operation.positional.length - 1
  const args = operation.positional.map((name, index) =>
    operation.pathParams.includes(name) ? `<${name}>` : `[${name}${operation.variadic && index === last ? '...' : ''}]`,
  )
  return ['nusa', ...operation.words, ...args, '[flags]'].join(' ')
}

/** Names of the flags that an operation takes, as they are written. */
export function flagsOf(operation: Pick<Operation, 'query' | 'body'>): string[] {
  return Object.keys({ ...operation.query, ...operation.body?.properties }).map(kebab)
}

export function unknownFlag(flag: string, known: readonly string[], usageLine: string): CliError {
  return usage('flag_unknown', { flag, near: nearest(flag, known) ?? 'none', usage: usageLine })
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
