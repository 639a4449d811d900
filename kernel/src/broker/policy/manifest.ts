import type { FileRule, OperationRule, ParamRule, Privileges, ServiceRule, Word } from '@nusantara/sdk'
import { keyAlgorithms } from '../keys/key-store.js'
import { namesTenant, paramsIn } from '../params.js'
import {
  array,
  boolean,
  type Check,
  either,
  integer,
  lazy,
  line,
  object,
  oneOf,
  record,
  string,
  unchecked,
  Violation,
} from '../schema.js'

const name = /^[a-z][A-Za-z0-9]*(?:\.[a-z][A-Za-z0-9]*)*$/
const paramName = /^(?!tenant$)[a-z][A-Za-z0-9]*$/
const roots = ['${etc}', '${run}', '${log}', '${state}', '${www}'] as const

/** A literal word: no control characters, and no `${…}` but the host roots. */
const literal: Check<string> = (value, path) => {
  const text = line({ max: 1024 })(value, path)
  for (const reference of text.match(/\$\{[^}]*\}?/g) ?? [])
    if (!(roots as readonly string[]).includes(reference))
      throw new Violation(path, `${reference} is not a host root; use one of ${roots.join(' ')}`)
  return text
}

const parameter = string({ max: 64, pattern: /^[a-z][A-Za-z0-9]*$/, says: 'must be a parameter name' })
const param = object({ param: parameter })
const each = object({ each: parameter })

const word: Check<Word> = either<Word>(value => {
  if (typeof value === 'string') return literal
  if (Array.isArray(value)) return concatenation
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'each') ? each : param
})
const part: Check<Word> = either<Word>(value => (typeof value === 'string' ? literal : param))
const concatenation = array(part, { min: 1, max: 32 })
const argv = array(word, { max: 256 })
const path = concatenation

const duration = string({ max: 8, pattern: /^[1-9]\d{0,4}[smh]$/, says: 'must be a duration such as 30s, 10m or 2h' })

const paramRule: Check<ParamRule> = either<ParamRule>(value => {
  const type = typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : undefined
  switch (type) {
    case undefined:
      return object({
        enum: either<string | readonly string[]>(values => (typeof values === 'string' ? versionsKey : enumLiterals)),
      })
    case 'integer':
      return object({
        type: oneOf('integer'),
        min: integer(0, Number.MAX_SAFE_INTEGER),
        max: integer(0, Number.MAX_SAFE_INTEGER),
      })
    case 'hostname':
      return object({ type: oneOf('hostname') }, { wildcard: boolean })
    case 'port':
      return object({ type: oneOf('port') })
    case 'path':
      return object({ type: oneOf('path') }, { maxLength: integer(1, 4096) })
    default:
      return object({ type: oneOf('pattern'), pattern, maxLength: integer(1, 65536) })
  }
})
const versionsKey = string({
  max: 64,
  pattern: /^versions\.[a-z][a-z0-9_-]*(?:\.known)?$/,
  says: "must be a list, 'versions.<key>' or 'versions.<key>.known'",
})
const enumLiterals = array(
  string({
    min: 1,
    max: 200,
    pattern: /^[^-\p{C}][^\p{C}]*$/u,
    says: 'must not begin with a hyphen or hold control characters',
  }),
  { min: 1, max: 256 },
)
const pattern: Check<string> = (value, at) => {
  const text = line({ min: 1, max: 500 })(value, at)
  try {
    new RegExp(`^(?:${text})$`, 'u')
  } catch (error) {
    throw new Violation(at, `does not compile: ${(error as Error).message}`)
  }
  return text
}

const operation: Check<OperationRule> = object(
  { bin: word, argv, runAs: oneOf('root', 'tenant'), risk: oneOf('low', 'medium', 'high') },
  {
    cwd: oneOf('tenant:home', 'tenant:root', 'tenant:tmp', '/', ...roots),
    stdin: object({ maxBytes: integer(1, 4 * 1024 * 1024) }),
    timeout: duration,
    maxOutput: integer(0, 4 * 1024 * 1024),
    concurrency: integer(1, 64),
    exitCodes: array(integer(0, 255), { min: 1, max: 32 }),
  },
)

/** Octal with neither set-id nor sticky bits, and not writable by everybody. */
const mode = string({
  max: 4,
  pattern: /^0[0-7]{2}[0145]$/,
  says: 'must be octal like 0644, without set-id bits and not world-writable',
})

const file: Check<FileRule> = object(
  {
    path,
    format: oneOf('block', 'ini', 'unit', 'crontab', 'json', 'env', 'pem', 'opaque'),
    owner: oneOf('root', 'panel', 'tenant'),
    mode,
    maxBytes: integer(1, 4 * 1024 * 1024),
  },
  {
    grammar: string({
      max: 100,
      pattern: /^grammars\/[a-z][A-Za-z0-9-]*\.json$/,
      says: "must be 'grammars/<name>.json'",
    }),
    secret: boolean,
    mayBeLink: boolean,
  },
)

const service: Check<ServiceRule> = object(
  { unit: word, verbs: array(oneOf('start', 'stop', 'reload', 'restart', 'status'), { min: 1, max: 5 }) },
  {
    check: object({ bin: word, argv }, { timeout: duration }),
    reload: object({ signal: oneOf('HUP', 'USR1', 'USR2') }),
    stage: path,
    sandbox: object({ bin: word, argv }),
    revision: object({
      path,
      format: oneOf('block', 'ini', 'unit', 'crontab', 'json', 'env', 'pem', 'opaque'),
      tree: array(unchecked, { min: 1, max: 100 }),
    }),
    socket: boolean,
    directories: array(path, { max: 64 }),
  },
)

const probe = either(value => {
  const kind = typeof value === 'object' && value !== null ? (value as { kind?: unknown }).kind : undefined
  if (kind === 'socket') return object({ kind: oneOf('socket'), path })
  if (kind === 'active') return object({ kind: oneOf('active'), for: duration })
  return object(
    { kind: oneOf('http'), socket: path },
    {
      connections: integer(1, 200),
      namePath: string({ max: 200, pattern: /^\/[A-Za-z0-9._~/-]*$/, says: 'must be a path beginning with /' }),
    },
  ) as Check<unknown>
})

const named = <T>(check: Check<T>) => record(check, { max: 200, key: name })

const manifest = object(
  {},
  {
    params: record(paramRule, { max: 100, key: paramName }),
    operations: named(operation),
    files: named(file),
    services: named(service),
    changes: named(
      object(
        { files: array(string({ max: 64 }), { min: 1, max: 64 }), service: string({ max: 64 }) },
        { probe: lazy(() => probe), ensure: oneOf('running', 'follow') },
      ),
    ),
    packages: named(object({ names: array(word, { min: 1, max: 32 }) })),
    keys: object(
      { algorithms: array(oneOf(...keyAlgorithms), { min: 1, max: keyAlgorithms.length }) },
      { import: boolean, export: boolean },
    ),
    tenants: boolean,
  },
)

/**
 * Parses `privileges.json`. Beyond the shape it holds: every parameter is declared; programs, units and paths contain
 * none but enums and the tenant; programs are absolute and never below a directory that a tenant or the panel writes;
 * paths lie below a host root, without dots; the broker's own state is out of reach except `${state}/plugins/<plugin>/`.
 *
 * @throws Violation that names the key and the reason
 */
export function parseManifest(value: unknown, plugin: string): Privileges {
  const privileges = manifest(value, '') as Privileges
  const params = privileges.params ?? {}

  const declared = (words: readonly Word[], at: string) => {
    for (const used of paramsIn(words).keys())
      if (!Object.hasOwn(params, used)) throw new Violation(at, `uses the parameter '${used}', which is not declared`)
  }
  const enumsOnly = (words: readonly Word[], at: string) => {
    declared(words, at)
    for (const [used, shape] of paramsIn(words)) {
      const rule = params[used]
      if (shape === 'list' || !rule || !('enum' in rule))
        throw new Violation(at, `may use only enum parameters and the tenant, not '${used}'`)
      if (typeof rule.enum !== 'string' && !rule.enum.every(entry => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(entry)))
        throw new Violation(at, `'${used}' has values that cannot stand in a path`)
    }
  }
  const program = (bin: Word, at: string) => {
    enumsOnly([bin], at)
    const text = leading(bin)
    if (!/^\/(?:usr\/|s?bin\/|opt\/|lib\/)/.test(text) || /\/\.{1,2}(?:\/|$)|\/\/|\$\{/.test(flat(bin)))
      throw new Violation(at, 'must be an absolute path below /usr, /bin, /sbin, /lib or /opt')
    if (namesTenant([bin])) throw new Violation(at, 'must not depend on the tenant')
  }
  const place = (words: readonly Word[], at: string) => {
    enumsOnly(words, at)
    const text = flat(words)
    if (!/^\$\{(?:etc|run|log|state|www)\}\//.test(leading(words)))
      throw new Violation(at, `must begin with one of ${roots.join('/ ')}/`)
    if (/\/\.{1,2}(?:\/|$)|\/\/|\/$/.test(text) || text.indexOf('${', 2) >= 0)
      throw new Violation(at, 'must be a clean path: no dot segments, no empty segments, one root')
    if (text.startsWith('${state}/') && !leading(words).startsWith(`\${state}/plugins/${plugin}/`))
      throw new Violation(at, `may reach only \${state}/plugins/${plugin}/ of the state directory`)
  }

  for (const [key, rule] of Object.entries(params))
    if ('type' in rule && rule.type === 'integer' && rule.min > rule.max)
      throw new Violation(`params.${key}`, 'min is greater than max')
  for (const [key, rule] of Object.entries(privileges.operations ?? {})) {
    const at = `operations.${key}`
    program(rule.bin, `${at}.bin`)
    declared(rule.argv, `${at}.argv`)
    if (seconds(rule.timeout ?? '30s') > 6 * 3600) throw new Violation(`${at}.timeout`, 'must be at most 6h')
  }
  for (const [key, rule] of Object.entries(privileges.files ?? {})) {
    const at = `files.${key}`
    place(rule.path, `${at}.path`)
    if (rule.format === 'opaque' ? rule.grammar !== undefined : rule.grammar === undefined && rule.format !== 'pem')
      throw new Violation(at, rule.format === 'opaque' ? 'opaque files have no grammar' : 'needs a grammar')
    if (rule.owner === 'tenant' && !namesTenant(rule.path))
      throw new Violation(`${at}.path`, 'must name the tenant, who owns the file')
  }
  for (const [key, rule] of Object.entries(privileges.services ?? {})) {
    const at = `services.${key}`
    enumsOnly([rule.unit], `${at}.unit`)
    if (!/^[A-Za-z0-9][A-Za-z0-9:_.@-]*\.service$/.test(flat(rule.unit)))
      throw new Violation(`${at}.unit`, 'must be the name of a .service unit')
    for (const part of ['check', 'sandbox'] as const) {
      const command = rule[part]
      if (!command) continue
      program(command.bin, `${at}.${part}.bin`)
      enumsOnly(command.argv, `${at}.${part}.argv`)
    }
    if (rule.stage) place(rule.stage, `${at}.stage`)
    if (rule.revision) place(rule.revision.path, `${at}.revision.path`)
    for (const [index, directory] of (rule.directories ?? []).entries()) place(directory, `${at}.directories.${index}`)
  }
  for (const [key, rule] of Object.entries(privileges.changes ?? {})) {
    const at = `changes.${key}`
    for (const used of rule.files)
      if (!Object.hasOwn(privileges.files ?? {}, used))
        throw new Violation(`${at}.files`, `'${used}' is not a file of this manifest`)
    if (!Object.hasOwn(privileges.services ?? {}, rule.service))
      throw new Violation(`${at}.service`, `'${rule.service}' is not a service of this manifest`)
    if (rule.probe?.kind === 'http') place(rule.probe.socket, `${at}.probe.socket`)
    if (rule.probe?.kind === 'socket') place(rule.probe.path, `${at}.probe.path`)
  }
  for (const [key, rule] of Object.entries(privileges.packages ?? {}))
    for (const [index, packageName] of rule.names.entries()) {
      const at = `packages.${key}.names.${index}`
      enumsOnly([packageName], at)
      if (!/^[a-z0-9][a-z0-9+.-]+$/.test(flat(packageName))) throw new Violation(at, 'must be the name of a package')
      if (namesTenant([packageName])) throw new Violation(at, 'must not depend on the tenant')
    }
  return privileges
}

/** `30s`, `10m`, `2h` in seconds. */
export function seconds(text: string): number {
  return Number(text.slice(0, -1)) * ({ s: 1, m: 60, h: 3600 }[text.at(-1) as 's' | 'm' | 'h'] ?? 1)
}

/** The word with every parameter as `x`, to look at its literal shape. */
function flat(word: Word): string {
  if (typeof word === 'string') return word
  return Array.isArray(word) ? word.map(flat).join('') : 'x'
}

/** The literals up to the first parameter. */
function leading(word: Word): string {
  if (typeof word === 'string') return word
  if (!Array.isArray(word)) return ''
  let text = ''
  for (const part of word) {
    if (typeof part !== 'string') break
    text += part
  }
  return text
}
