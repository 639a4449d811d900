import type { CliHints } from '@nusantara/sdk'
import { usage } from './exit-codes.js'
import { nearest } from './suggestions.js'

/** The parts of JSON Schema that decide how a flag is read. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly description?: string
}

export interface OpenApiOperation {
  readonly operationId: string
  readonly summary?: string
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly schema?: JsonSchema
  }[]
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: JsonSchema }>> }
  readonly 'x-nusa-cli'?: false | CliHints
  readonly 'x-nusa-change'?: boolean
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
}

export interface Operation {
  /** Words after `nusa`, `['sites', 'create']`. */
  readonly words: readonly string[]
  readonly id: string
  readonly method: string
  readonly path: string
  readonly summary: string
  /** Names of positional arguments: path parameters first, then those the route names. */
  readonly positional: readonly string[]
  /** Whether the last of them is a list of the body, which takes every further word. */
  readonly variadic: boolean
  /** Of positional arguments: the operation whose list offers their values. */
  readonly values?: Readonly<Record<string, string>>
  readonly pathParams: readonly string[]
  readonly query: Readonly<Record<string, JsonSchema>>
  readonly body: JsonSchema | undefined
  /** Takes `--dry-run` and answers with a job. */
  readonly change: boolean
  /** Of a list: what is shown first. */
  readonly columns?: readonly string[]
}

const singular: Readonly<Record<string, string>> = {
  user: 'users',
  site: 'sites',
  plugin: 'plugins',
  job: 'jobs',
  account: 'accounts',
  role: 'roles',
  token: 'tokens',
}

/** `nusa user …` and `nusa users …` are the same. */
export function canonicalWords(words: readonly string[]): string[] {
  return words.map((word, index) => (index === 0 ? (singular[word] ?? word) : word))
}

/** Every command that the running panel offers, from its OpenAPI document. */
export function operationsOf(document: OpenApiDocument): Operation[] {
  const operations: Operation[] = []
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const hints = operation['x-nusa-cli']
      if (hints === false || !operation.operationId) continue
      operations.push(toOperation(path, method, operation, hints ?? {}))
    }
  }
  return operations.sort((a, b) => a.words.join(' ').localeCompare(b.words.join(' ')))
}

function toOperation(path: string, method: string, operation: OpenApiOperation, hints: CliHints): Operation {
  const parameters = operation.parameters ?? []
  const pathParams = parameters.filter(parameter => parameter.in === 'path').map(parameter => parameter.name)
  const query = parameters
    .filter(parameter => parameter.in === 'query' && parameter.name !== 'dry_run')
    .map(parameter => [parameter.name, parameter.schema ?? {}] as const)
  const positional = [...pathParams, ...(hints.args ?? []).filter(name => !pathParams.includes(name))]
  const body = operation.requestBody?.content?.['application/json']?.schema
  return {
    id: operation.operationId,
    words: (hints.command?.split(' ') ?? operation.operationId.split('.')).map(kebab),
    method: method.toUpperCase(),
    path,
    summary: operation.summary ?? '',
    pathParams,
    positional,
    variadic: positional.length > pathParams.length && body?.properties?.[positional.at(-1) ?? '']?.type === 'array',
    ...(hints.values && { values: hints.values }),
    query: Object.fromEntries(query),
    body,
    change: operation['x-nusa-change'] === true,
    ...(hints.columns && { columns: hints.columns }),
  }
}

export function kebab(word: string): string {
  return word.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}

export function camel(word: string): string {
  return word.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/**
 * The operation whose words begin the command line, the longest first.
 *
 * @param own names of commands that are no operations, for suggestions
 * @throws CliError `usage`
 */
export function findOperation(
  operations: readonly Operation[],
  words: readonly string[],
  own: readonly string[] = [],
): { operation: Operation; rest: string[] } {
  const fits = operations
    .filter(operation => operation.words.every((word, index) => words[index] === word))
    .sort((a, b) => b.words.length - a.words.length)[0]
  if (fits) return { operation: fits, rest: words.slice(fits.words.length) }
  const names = [...operations.map(operation => operation.words.join(' ')), ...own]
  const group = names.filter(name => name.split(' ')[0] === words[0]).sort()
  const near = nearestCommand(words, group.length > 0 ? group : names)
  throw usage('command_unknown', {
    command: words.join(' '),
    near: near ?? 'none',
    group: group.length > 0 ? group.map(name => `  nusa ${name}`).join('\n') : 'none',
  })
}

/** The command line may go on with arguments, so only as many words are compared as a command has. */
function nearestCommand(words: readonly string[], names: readonly string[]): string | undefined {
  const counts = [...new Set(names.map(name => name.split(' ').length))].sort((a, b) => b - a)
  for (const count of counts) {
    const near = nearest(
      words.slice(0, count).join(' '),
      names.filter(name => name.split(' ').length === count),
    )
    if (near) return near
  }
  return undefined
}
