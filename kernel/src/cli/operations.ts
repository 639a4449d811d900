import { usage } from './exit-codes.js'

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
  readonly 'x-nusa-cli'?: false | { readonly args?: readonly string[]; readonly command?: string }
  readonly 'x-nusa-change'?: boolean
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
}

export interface Operation {
  /** Words after `nusa`, `['sites', 'create']`. */
  readonly words: readonly string[]
  readonly method: string
  readonly path: string
  readonly summary: string
  /** Names of positional arguments: path parameters first, then those the route names. */
  readonly positional: readonly string[]
  readonly pathParams: readonly string[]
  readonly query: Readonly<Record<string, JsonSchema>>
  readonly body: JsonSchema | undefined
  /** Takes `--dry-run` and answers with a job. */
  readonly change: boolean
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

function toOperation(
  path: string,
  method: string,
  operation: OpenApiOperation,
  hints: { args?: readonly string[]; command?: string },
): Operation {
  const parameters = operation.parameters ?? []
  const pathParams = parameters.filter(parameter => parameter.in === 'path').map(parameter => parameter.name)
  const query = parameters
    .filter(parameter => parameter.in === 'query' && parameter.name !== 'dry_run')
    .map(parameter => [parameter.name, parameter.schema ?? {}] as const)
  return {
    words: (hints.command?.split(' ') ?? operation.operationId.split('.')).map(kebab),
    method: method.toUpperCase(),
    path,
    summary: operation.summary ?? '',
    pathParams,
    positional: [...pathParams, ...(hints.args ?? []).filter(name => !pathParams.includes(name))],
    query: Object.fromEntries(query),
    body: operation.requestBody?.content?.['application/json']?.schema,
    change: operation['x-nusa-change'] === true,
  }
}

export function kebab(word: string): string {
  return word.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}

export function camel(word: string): string {
  return word.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** The operation whose words begin the command line, the longest first. @throws CliError `usage` */
export function findOperation(
  operations: readonly Operation[],
  words: readonly string[],
): { operation: Operation; rest: string[] } {
  const fits = operations
    .filter(operation => operation.words.every((word, index) => words[index] === word))
    .sort((a, b) => b.words.length - a.words.length)[0]
  if (fits) return { operation: fits, rest: words.slice(fits.words.length) }
  const near = operations
    .filter(operation => operation.words[0] === words[0])
    .map(operation => `  nusa ${operation.words.join(' ')}`)
  const hint = near.length > 0 ? `; there is\n${near.join('\n')}` : '; `nusa help` lists every command'
  throw usage(`there is no command “${words.join(' ')}”${hint}`)
}
