import type { Params, ParamValue } from '@nusantara/sdk'
import { array, boolean, type Check, either, integer, line, object, oneOf, record, string } from './schema.js'
import { isTenantForm } from './tenant-id.js'

/** Checks of the parts that several requests share. */
export const pluginId = string({ max: 41, pattern: /^[a-z][a-z0-9-]*$/, says: 'must be a plugin id' })
export const digest = string({ max: 64, pattern: /^[0-9a-f]{64}$/, says: 'must be a SHA-256 digest' })
export const name = string({ max: 64, pattern: /^[a-z][A-Za-z0-9.]*$/, says: 'must be a name' })
const person = line({ max: 256 })

export const tenantId: Check<string> = (value, path) => {
  const text = string({ max: 11 })(value, path)
  return isTenantForm(text) ? text : string({ max: 11, pattern: /(?!)/, says: 'is not a tenant id' })(text, path)
}

const scalar = string({ max: 64 * 1024 })
const value: Check<ParamValue> = either<ParamValue>(given => {
  if (typeof given === 'number') return integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  return Array.isArray(given) ? array(scalar, { max: 1000 }) : scalar
})

/** Values are checked against the manifest's rules later; here only their shape. */
export const params: Check<Params> = record(value, { max: 100, key: /^[a-z][A-Za-z0-9]{0,63}$/ })

/** Keys of an Origin, to be spread into a request's own. */
export const origin = {
  plugin: pluginId,
  policy: digest,
  actor: object({ kind: person, id: person, name: person }),
} as const
export const originOptional = { jobId: line({ max: 128 }) } as const

/** A request of a plugin: its origin and these keys. */
export function pluginRequest<
  R extends Readonly<Record<string, Check<unknown>>>,
  O extends Readonly<Record<string, Check<unknown>>>,
>(required: R, optional: O) {
  return object({ ...origin, ...required }, { ...originOptional, ...optional })
}

/** Standard base64 of at most so many characters. */
export const base64 = string({
  max: 6 * 1024 * 1024,
  pattern: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
  says: 'must be base64',
})

export const head = object({
  seq: integer(0, Number.MAX_SAFE_INTEGER),
  hash: digest,
  root: digest,
  signature: line({ max: 128 }),
  publicKey: line({ max: 128 }),
  at: line({ max: 32 }),
})

export const serviceVerb = oneOf('start', 'stop', 'reload', 'restart', 'status')
export { boolean, object }
