import type { Schema } from './schema.js'

export interface SettingsDefinition<T> {
  readonly schema: Schema<T>
  readonly version: number
  readonly scope: 'server' | 'account'
  /** Brings stored values of an older version to the newest. */
  migrate?(values: Record<string, unknown>, from: number): Record<string, unknown>
  /** Keys that are sealed at rest and never sent back. */
  readonly secrets?: readonly (keyof T & string)[]
}

/** Defaults, validation, routes, form and `NUSA_<PLUGIN>_<KEY>` follow from the schema. */
export function defineSettings<T>(
  schema: Schema<T>,
  options: Omit<SettingsDefinition<T>, 'schema' | 'scope'> & { readonly scope?: 'server' | 'account' },
): SettingsDefinition<T> {
  return { scope: 'server', ...options, schema }
}
