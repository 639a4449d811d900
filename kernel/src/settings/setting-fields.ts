import { Joi } from '@nusantara/sdk'
import { variableName } from './environment.js'
import type { PluginSettingsShape } from './plugin-settings.js'

/** What a form asks for one setting; it follows from the schema. */
export interface SettingField {
  readonly key: string
  /** What fixes it in the environment of the panel, `NUSA_<PLUGIN>_<KEY>`. */
  readonly variable: string
  /** `other`: what no form field can hold, such as an object. */
  readonly kind: 'number' | 'text' | 'switch' | 'choice' | 'list' | 'secret' | 'other'
  /** Of a `choice`. */
  readonly choices?: readonly string[]
  /** Of a `number`. */
  readonly min?: number
  readonly max?: number
  /** What holds while nothing is set; never of a secret. */
  readonly default?: unknown
}

export const settingFieldSchema = Joi.object({
  key: Joi.string().required(),
  variable: Joi.string().required(),
  kind: Joi.string().valid('number', 'text', 'switch', 'choice', 'list', 'secret', 'other').required(),
  choices: Joi.array().items(Joi.string()),
  min: Joi.number(),
  max: Joi.number(),
  default: Joi.alternatives(
    Joi.string().allow(''),
    Joi.number(),
    Joi.boolean(),
    Joi.array().items(Joi.string(), Joi.number(), Joi.boolean(), Joi.object().unknown()),
    Joi.object().unknown(),
  ),
})

interface Description {
  readonly type: string
  readonly flags?: { readonly default?: unknown; readonly only?: boolean }
  readonly allow?: readonly unknown[]
  readonly rules?: readonly { readonly name: string; readonly args?: { readonly limit?: unknown } }[]
  readonly items?: readonly Description[]
}

export function settingFields(
  { plugin, keys }: PluginSettingsShape,
  secrets: readonly string[],
): readonly SettingField[] {
  return Object.entries(keys).map(([key, schema]) => {
    const variable = variableName(plugin, key)
    if (secrets.includes(key)) return { key, variable, kind: 'secret' }
    const described = schema.describe() as Description
    const kind = kindOf(described)
    const [min, max] = kind === 'number' ? [limit(described, 'min'), limit(described, 'max')] : []
    const fallback = described.flags?.default
    return {
      key,
      variable,
      kind,
      ...(kind === 'choice' && { choices: choicesOf(described) }),
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
      ...(fallback !== undefined && typeof fallback !== 'function' && { default: fallback }),
    }
  })
}

function kindOf(described: Description): SettingField['kind'] {
  switch (described.type) {
    case 'number':
      return 'number'
    case 'boolean':
      return 'switch'
    case 'string':
      return described.flags?.only ? 'choice' : 'text'
    case 'array':
      return described.items?.every(({ type }) => type === 'string') ? 'list' : 'other'
    default:
      return 'other'
  }
}

function choicesOf({ allow = [] }: Description): readonly string[] {
  return allow.filter(value => typeof value === 'string')
}

function limit({ rules = [] }: Description, name: string): number | undefined {
  const value = rules.find(rule => rule.name === name)?.args?.limit
  return typeof value === 'number' ? value : undefined
}
