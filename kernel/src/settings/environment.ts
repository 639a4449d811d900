import { SettingInvalid } from './errors.js'
import type { PluginSettingsShape } from './plugin-settings.js'

/** `NUSA_<PLUGIN>_<KEY>`: `maxSize` of `my-plugin` is `NUSA_MY_PLUGIN_MAX_SIZE`. */
export function variableName(plugin: string, key: string): string {
  const words = (text: string) => text.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll(/[^A-Za-z0-9]+/g, '_')
  return `NUSA_${words(plugin)}_${words(key)}`.toUpperCase()
}

/**
 * Values of a plugin's settings that the environment fixes. Texts become what the schema of their key asks for; lists and
 * objects are written as JSON.
 *
 * @throws SettingInvalid naming the variable
 */
export function fromEnvironment(shape: PluginSettingsShape, env: NodeJS.ProcessEnv): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [key, schema] of Object.entries(shape.keys)) {
    const variable = variableName(shape.plugin, key)
    const text = env[variable]
    if (text === undefined) continue
    const raw: unknown = ['array', 'object'].includes(String(schema.type)) ? parse(text) : text
    const { error, value } = schema.label(key).validate(raw)
    if (error) throw SettingInvalid({ plugin: shape.plugin, key, source: variable, reason: error.message })
    values[key] = value
  }
  return values
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
