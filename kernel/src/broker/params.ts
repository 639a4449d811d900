import type { ParamRule, Params, ParamValue, Word } from '@nusantara/sdk'
import { ParamInvalid } from './errors.js'
import type { Host } from './host.js'
import { hasControl } from './schema.js'
import { isTenantForm } from './tenant-id.js'

/** Checked parameters of one request, ready to stand in words. `tenant` is among them when the request names one. */
export type ResolvedParams = ReadonlyMap<string, string | readonly string[]>

export interface ParamContext {
  /** Rules of the manifest. */
  readonly rules: ReadonlyMap<string, ParamRule>
  /** Present values of a key of versions.json. */
  readonly versions: (key: string) => readonly string[]
}

const maxEach = 1000
const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/

/** Names of the parameters that stand in the words, and whether each stands as a list. `tenant` is left out. */
export function paramsIn(words: readonly Word[]): ReadonlyMap<string, 'one' | 'list'> {
  const found = new Map<string, 'one' | 'list'>()
  const walk = (word: Word) => {
    if (typeof word === 'string') return
    if (isConcatenation(word)) for (const part of word) walk(part)
    else if ('param' in word) word.param !== 'tenant' && found.set(word.param, 'one')
    else found.set(word.each, 'list')
  }
  for (const word of words) walk(word)
  return found
}

/** Whether the words name the tenant. */
export function namesTenant(words: readonly Word[]): boolean {
  return words.some(word =>
    typeof word === 'string'
      ? false
      : isConcatenation(word)
        ? namesTenant(word)
        : 'param' in word && word.param === 'tenant',
  )
}

/**
 * Checks exactly the parameters that `expected` names: none may be missing, none more may be given.
 * @throws param_invalid with the parameter and the reason
 */
export function resolveParams(
  context: ParamContext,
  expected: ReadonlyMap<string, 'one' | 'list'>,
  given: Params | undefined,
  tenant: string | undefined,
): ResolvedParams {
  const resolved = new Map<string, string | readonly string[]>()
  const values = given ?? {}
  for (const name of Object.keys(values))
    if (!expected.has(name)) throw ParamInvalid({ param: name.slice(0, 80), reason: 'is not a parameter here' })
  for (const [name, shape] of expected) {
    const rule = context.rules.get(name)
    if (!rule || !Object.hasOwn(values, name)) throw ParamInvalid({ param: name, reason: 'is required' })
    const value = values[name] as ParamValue
    if (shape === 'list') {
      if (!Array.isArray(value) || value.length > maxEach)
        throw ParamInvalid({ param: name, reason: `must be a list of at most ${maxEach} values` })
      resolved.set(
        name,
        value.map(entry => checkValue(context, name, rule, entry)),
      )
    } else resolved.set(name, checkValue(context, name, rule, value))
  }
  if (tenant !== undefined) {
    if (!isTenantForm(tenant)) throw ParamInvalid({ param: 'tenant', reason: 'is not a tenant id' })
    resolved.set('tenant', tenant)
  }
  return resolved
}

/** One value against its rule; the text that will stand in a word. @throws param_invalid */
export function checkValue(context: ParamContext, name: string, rule: ParamRule, value: unknown): string {
  const refuse = (reason: string) => ParamInvalid({ param: name, reason })
  if (typeof value !== 'string' && typeof value !== 'number') throw refuse('must be text or a number')
  const text = String(value)
  if (hasControl(text)) throw refuse('must not contain control characters')
  if (text.startsWith('-')) throw refuse('must not begin with a hyphen')
  if ('enum' in rule) {
    const allowed = enumValues(context, rule.enum)
    if (!allowed.includes(text))
      throw refuse(allowed.length ? `must be one of ${allowed.join(', ')}` : 'has no value on this host')
    return text
  }
  switch (rule.type) {
    case 'integer':
    case 'port': {
      const [min, max] = rule.type === 'port' ? [1, 65535] : [rule.min, rule.max]
      if (!/^(?:0|[1-9]\d{0,15})$/.test(text) || Number(text) < min || Number(text) > max)
        throw refuse(`must be a whole number from ${min} to ${max}`)
      return text
    }
    case 'hostname': {
      const bare = rule.wildcard && text.startsWith('*.') ? text.slice(2) : text
      if (text.length > 253 || !bare.split('.').every(part => label.test(part)))
        throw refuse('must be a host name of lower-case letters, digits, hyphens and dots')
      return text
    }
    case 'path': {
      if (text.length > (rule.maxLength ?? 1024)) throw refuse(`must have at most ${rule.maxLength ?? 1024} characters`)
      const bad = text
        .split('/')
        .some(
          part => part === '' || part === '.' || part === '..' || part.startsWith('-') || Buffer.byteLength(part) > 255,
        )
      if (bad) throw refuse('must be a relative path without empty segments, dots alone and leading hyphens')
      return text
    }
    case 'pattern':
      if (text.length > rule.maxLength) throw refuse(`must have at most ${rule.maxLength} characters`)
      if (!new RegExp(`^(?:${rule.pattern})$`, 'u').test(text)) throw refuse(`must match ${rule.pattern}`)
      return text
  }
}

/** Values that an enum allows on this host. */
export function enumValues(
  context: Pick<ParamContext, 'versions'>,
  values: string | readonly string[],
): readonly string[] {
  return typeof values === 'string' ? context.versions(values.slice('versions.'.length)) : values
}

/** The words of an argv, in order; a list parameter gives one word for each value. */
export function expandArgv(host: Host, words: readonly Word[], params: ResolvedParams): string[] {
  return words.flatMap(word => {
    if (typeof word === 'object' && !isConcatenation(word) && 'each' in word) {
      const values = params.get(word.each)
      if (!Array.isArray(values)) throw ParamInvalid({ param: word.each, reason: 'must be a list' })
      return values as string[]
    }
    return [expandWord(host, word, params)]
  })
}

/** One word: literals with their host roots, parameters as they were checked. */
export function expandWord(host: Host, word: Word, params: ResolvedParams): string {
  if (typeof word === 'string') return host.expandRoot(word)
  if (isConcatenation(word)) return word.map(part => expandWord(host, part, params)).join('')
  if ('each' in word) throw ParamInvalid({ param: word.each, reason: 'cannot be part of a word' })
  const value = params.get(word.param)
  if (typeof value !== 'string') throw ParamInvalid({ param: word.param, reason: 'is required' })
  return value
}

/**
 * An absolute path from a manifest's words. The manifest allows only enums and the tenant in it; what they expand to
 * is one segment or part of one.
 * @throws param_invalid
 */
export function expandPath(host: Host, word: Word, params: ResolvedParams): string {
  for (const name of [...paramsIn([word]).keys(), ...(namesTenant([word]) ? ['tenant'] : [])]) {
    const value = params.get(name)
    if (typeof value !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(value))
      throw ParamInvalid({ param: name, reason: 'cannot stand in a path' })
  }
  const path = expandWord(host, word, params)
  if (!path.startsWith('/') || path.includes('//') || /\/\.{1,2}(?:\/|$)/.test(path))
    throw ParamInvalid({ param: path, reason: 'is not a clean absolute path' })
  return path
}

function isConcatenation(word: Word): word is readonly Word[] {
  return Array.isArray(word)
}
