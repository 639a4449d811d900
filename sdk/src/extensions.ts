import Joi from 'joi'
import { jsonValue } from './json-value.js'
import type { Schema } from './schema.js'
import type { Extension } from './tokens.js'

export type ExtensionInput = Readonly<Record<string, unknown>>

/**
 * Schema of an input's `extensions`: one key for each extension, unknown keys refused. With a function the list is asked
 * again for every input, because extensions come and go while the owner runs.
 */
export function extensionsSchema(
  extensions: readonly Extension[] | (() => readonly Extension[]),
): Schema<ExtensionInput | undefined> {
  if (typeof extensions !== 'function') return merged(extensions)
  const anyKey = Joi.object().pattern(/^[A-Za-z0-9_-]{1,64}$/, jsonValue())
  const schema = anyKey.custom((value: unknown, helpers) => {
    const result = merged(extensions()).validate(value, { convert: helpers.prefs.convert, abortEarly: false })
    if (!result.error) return result.value as unknown
    const { state } = helpers
    // Joi takes several errors from one rule only in its own kind of list.
    const errors = (helpers as typeof helpers & { errorsArray(): unknown[] }).errorsArray()
    for (const detail of result.error.details) {
      const path = [...(state.path ?? []), ...detail.path]
      errors.push(helpers.error(detail.type, { ...detail.context }, state.localize?.(path, state.ancestors)))
    }
    return errors
  }, 'extensions of the running plugins')
  return schema as unknown as Schema<ExtensionInput | undefined>
}

function merged(extensions: readonly Extension[]): Schema<ExtensionInput | undefined> {
  const keys: Record<string, Joi.Schema> = {}
  for (const { key, schema } of extensions) {
    if (keys[key]) throw new TypeError(`Two extensions use the key '${key}'; each needs its own.`)
    // `object()` makes required; an input without the extension is fine.
    keys[key] = schema.optional()
  }
  return Joi.object(keys).unknown(false) as unknown as Schema<ExtensionInput | undefined>
}
