import type { ArgumentRule, DirectiveRule, Grammar, PathBase } from '@nusantara/sdk'
import {
  array,
  boolean,
  type Check,
  either,
  integer,
  line,
  object,
  oneOf,
  record,
  string,
  Violation,
} from '../schema.js'

const bases: readonly PathBase[] = [
  'tenant:home',
  'tenant:root',
  'tenant:tmp',
  'tenant:log',
  'tenant:run',
  'tenant:app',
  'etc',
  'run',
  'log',
  'state',
  'www',
]
const identifier = /^[a-z][A-Za-z0-9_-]*$/
const base = oneOf(...bases)
const affix = line({ max: 64 })
const variables = array(
  string({ max: 64, pattern: /^[A-Za-z_][A-Za-z0-9_]*$/, says: 'must be a variable name without $' }),
  { max: 32 },
)
const literals = array(line({ max: 255 }), { min: 1, max: 128 })

/** An anchored pattern that compiles. */
const pattern: Check<string> = (value, path) => {
  const text = string({ min: 1, max: 1000 })(value, path)
  try {
    anchored(text)
  } catch (error) {
    throw new Violation(path, `does not compile: ${(error as Error).message}`)
  }
  return text
}

/** The compiled form of a grammar's pattern: whole value, Unicode. */
export function anchored(text: string): RegExp {
  return new RegExp(`^(?:${text})$`, 'u')
}

const key: Check<string> = string({
  max: 80,
  pattern: /^versions\.[a-z][a-z0-9_-]*$/,
  says: "must be a list or 'versions.<key>'",
})
const type = <T extends ArgumentRule['type']>(name: T) => oneOf(name)
const shared = { optional: boolean }

/** One rule per argument type of the SDK; the type system refuses a missing one. */
const rules: { readonly [T in ArgumentRule['type']]: Check<unknown> } = {
  enum: object(
    { type: type('enum'), values: either<unknown>(value => (typeof value === 'string' ? key : literals)) },
    shared,
  ),
  integer: object(
    { type: type('integer'), min: integer(-(2 ** 53) + 1, 2 ** 53 - 1), max: integer(-(2 ** 53) + 1, 2 ** 53 - 1) },
    shared,
  ),
  size: object({ type: type('size'), maxBytes: integer(1, 2 ** 53 - 1) }, shared),
  duration: object({ type: type('duration'), maxSeconds: integer(1, 10 ** 9) }, shared),
  hostname: object({ type: type('hostname') }, { ...shared, wildcard: boolean }),
  address: object({ type: type('address') }, { ...shared, cidr: boolean }),
  port: object({ type: type('port') }, shared),
  listener: object({ type: type('listener') }, shared),
  path: object(
    { type: type('path'), base },
    { ...shared, prefix: affix, values: array(line({ max: 255 }), { min: 1, max: 128 }) },
  ),
  user: object({ type: type('user'), of: oneOf('tenant', 'web', 'panel') }, shared),
  group: object({ type: type('group'), of: oneOf('tenant', 'web', 'panel') }, shared),
  tenant: object({ type: type('tenant') }, { ...shared, prefix: affix, suffix: affix }),
  upstream: object(
    { type: type('upstream'), hosts: oneOf('loopback', 'any') },
    { ...shared, unix: base, panel: boolean },
  ),
  url: object({ type: type('url') }, { ...shared, variables }),
  uri: object({ type: type('uri') }, { ...shared, variables }),
  text: object({ type: type('text'), maxLength: integer(0, 1024 * 1024) }, { ...shared, pattern, variables }),
  revision: object({ type: type('revision') }, shared),
  key: object({ type: type('key') }, shared),
  certificates: object(
    { type: type('certificates') },
    { ...shared, part: object({ index: integer(0, 15), bytes: integer(256, 1024 * 1024) }) },
  ),
}

const argument: Check<ArgumentRule> = (value, path) => {
  const named = (value as { type?: unknown } | null)?.type
  if (typeof named !== 'string' || !Object.hasOwn(rules, named))
    throw new Violation(`${path}.type`, `must be one of ${Object.keys(rules).join(', ')}`)
  const rule = rules[named as ArgumentRule['type']](value, path) as ArgumentRule
  if (rule.type === 'integer' && rule.min > rule.max) throw new Violation(`${path}.min`, 'is greater than max')
  return rule
}

const contextName = string({ max: 64, pattern: identifier, says: 'must be the name of a context' })

const directive: Check<DirectiveRule> = (value, path) => {
  const rule = object(
    {},
    {
      args: array(argument, { max: 32 }),
      rest: argument,
      last: argument,
      block: contextName,
      blockBy: object({
        arg: integer(0, 31),
        contexts: record(contextName, { max: 64, key: /^[^\p{C}]{1,255}$/u }),
      }),
      repeat: boolean,
      required: boolean,
      nameType: argument,
    },
  )(value, path) as DirectiveRule
  const firstOptional = rule.args?.findIndex(arg => arg.optional) ?? -1
  const late = rule.args?.findIndex((arg, index) => firstOptional >= 0 && index > firstOptional && !arg.optional) ?? -1
  if (late >= 0) throw new Violation(`${path}.args.${late}`, 'is required but stands after an optional argument')
  if (rule.rest && firstOptional >= 0) throw new Violation(`${path}.rest`, 'cannot follow an optional argument')
  return rule
}

const shape = object({
  top: string({ max: 64, pattern: identifier, says: 'must be the name of a context' }),
  contexts: record(record(directive, { max: 500, key: /^(?:\*|[A-Za-z_][A-Za-z0-9_.[\]-]{0,63})$/ }), {
    max: 64,
    key: identifier,
  }),
})

/**
 * Validates a grammar when its manifest is loaded: known keys and types only, contexts that exist and are reached,
 * patterns that compile.
 *
 * @throws Violation naming the place, `contexts.server.root.args.0.base`
 */
export function parseGrammar(value: unknown): Grammar {
  const grammar = shape(value, '') as Grammar
  const reached = new Set<string>()
  const visit = (context: string, path: string): void => {
    if (!Object.hasOwn(grammar.contexts, context))
      throw new Violation(path, `names the context '${context}', which the grammar lacks`)
    if (reached.has(context)) return
    reached.add(context)
    for (const [name, rule] of Object.entries(grammar.contexts[context] ?? {})) {
      const place = `contexts.${context}.${name}`
      if (rule.block) visit(rule.block, `${place}.block`)
      for (const [value, chosen] of Object.entries(rule.blockBy?.contexts ?? {}))
        visit(chosen, `${place}.blockBy.contexts.${value}`)
      if (rule.block && rule.blockBy) throw new Violation(`${place}.blockBy`, "cannot stand beside 'block'")
      if (name === '*' && !rule.nameType)
        throw new Violation(`${place}.nameType`, "is required: '*' takes names only of a type")
      if (name !== '*' && rule.nameType) throw new Violation(`${place}.nameType`, "is only for '*'")
      if (name === '*' && rule.required) throw new Violation(`${place}.required`, "cannot be asked of '*'")
    }
  }
  visit(grammar.top, 'top')
  const idle = Object.keys(grammar.contexts).find(context => !reached.has(context))
  if (idle) throw new Violation(`contexts.${idle}`, 'is reached from no directive; remove it')
  return grammar
}
