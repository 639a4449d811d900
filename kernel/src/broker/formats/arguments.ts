import type { Argument, ArgumentRule } from '@nusantara/sdk'
import { certificates } from './certificates.js'
import { foreignVariable, unprintable } from './characters.js'
import {
  address,
  baseDirectory,
  below,
  type Derivation,
  duration,
  hostname,
  port,
  Refused,
  size,
  upstream,
  uri,
  url,
} from './derivation.js'
import type { RenderedArgument } from './format.js'
import { anchored } from './grammar.js'

const text = (value: string): RenderedArgument => ({ text: value })

function oneOf(values: readonly string[], value: string): string {
  if (values.includes(value)) return value
  const shown = values.slice(0, 12).join(', ')
  throw new Refused(`is not one of ${shown}${values.length > 12 ? ', …' : ''}`)
}

function derivedName(value: string, name: () => string): string {
  if (value !== '') throw new Refused("must be '': the broker fills in the name")
  return name()
}

function tenantName(value: string, prefix: string, suffix: string, derivation: Derivation): string {
  if (!derivation.tenant) throw new Refused('needs a tenant; send the change for one')
  const whole = `${prefix}${derivation.tenant.id}${suffix}`
  if (value !== derivation.tenant.id && value !== whole)
    throw new Refused(`must be the tenant of the change, '${whole}'`)
  return whole
}

function freeText(value: string, rule: Extract<ArgumentRule, { type: 'text' }>): RenderedArgument {
  if ([...value].length > rule.maxLength) throw new Refused(`has more than ${rule.maxLength} characters`)
  if (rule.pattern && !anchored(rule.pattern).test(value)) throw new Refused(`does not match ${rule.pattern}`)
  return { text: value, quote: true, ...(rule.variables && { variables: rule.variables }) }
}

function keptKey(name: string, derivation: Derivation): RenderedArgument {
  const kept = /^[a-z0-9]{1,40}$/.test(name) ? derivation.key(name) : undefined
  if (!kept) throw new Refused('is no key of the tenant')
  return { text: kept.pem, quote: true, lines: true, proof: { spki: kept.spki } }
}

function integer(value: string, min: number, max: number): RenderedArgument {
  if (!/^(?:0|-?[1-9]\d{0,15})$/.test(value)) throw new Refused('is not a whole number')
  if (Number(value) < min || Number(value) > max) throw new Refused(`is not from ${min} to ${max}`)
  return { text: value, number: true }
}

/** The value after its own rule, for every type of the SDK. */
function derive(value: string, rule: ArgumentRule, derivation: Derivation): RenderedArgument {
  switch (rule.type) {
    case 'enum':
      return text(
        oneOf(
          typeof rule.values === 'string' ? derivation.versions(rule.values.slice('versions.'.length)) : rule.values,
          value,
        ),
      )
    case 'integer':
      return integer(value, rule.min, rule.max)
    case 'size':
      return text(size(value, rule.maxBytes))
    case 'duration':
      return text(duration(value, rule.maxSeconds))
    case 'hostname':
      return text(hostname(value, rule.wildcard))
    case 'address':
      return text(address(value, rule.cidr))
    case 'port':
      return { text: port(value), number: true }
    case 'listener':
      return text(
        derivation.listeners[oneOf(Object.keys(derivation.listeners), value) as keyof Derivation['listeners']],
      )
    case 'path':
      if (rule.values) oneOf(rule.values, value)
      return text(`${rule.prefix ?? ''}${below(baseDirectory(rule.base, derivation), value)}`)
    case 'user':
      return text(derivedName(value, () => derivation.userName(rule.of)))
    case 'group':
      return text(derivedName(value, () => derivation.groupName(rule.of)))
    case 'tenant':
      return text(tenantName(value, rule.prefix ?? '', rule.suffix ?? '', derivation))
    case 'upstream':
      return text(upstream(value, rule, derivation))
    case 'url':
      return { text: url(value), ...(rule.variables && { variables: rule.variables }) }
    case 'uri':
      return { text: uri(value), ...(rule.variables && { variables: rule.variables }) }
    case 'text':
      return freeText(value, rule)
    case 'key':
      return keptKey(value, derivation)
    case 'certificates':
      return certificates(value, rule.part)
    case 'revision':
      throw new Refused('must be {"revision": true}')
  }
}

function isRevision(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).length === 1 &&
    (value as { revision?: unknown }).revision === true
  )
}

/**
 * Checks one argument as the panel sent it and derives what will stand in the file.
 *
 * @throws Refused with the cause and the remedy
 */
export function checkArgument(value: Argument | unknown, rule: ArgumentRule, derivation: Derivation): RenderedArgument {
  if (rule.type === 'revision') {
    if (!isRevision(value)) throw new Refused('must be {"revision": true}')
    return { text: '', revision: true }
  }
  if (typeof value !== 'string' && !(typeof value === 'number' && Number.isSafeInteger(value)))
    throw new Refused('is neither a text nor a whole number')
  const reason = unprintable(String(value))
  if (reason) throw new Refused(reason)
  const rendered = derive(String(value), rule, derivation)
  if (rendered.lines) return rendered
  const foreign = foreignVariable(rendered.text, rendered.variables ?? [])
  if (foreign) throw new Refused(foreign)
  return rendered
}
