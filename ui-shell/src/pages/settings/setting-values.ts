import type { FormValues } from '@nusantara/sdk/ui'

/** What a form asks for one setting, as the server derives it from the plugin's schema. */
export interface SettingField {
  readonly key: string
  /** What fixes it in the environment of the panel. */
  readonly variable: string
  readonly kind: 'number' | 'text' | 'switch' | 'choice' | 'list' | 'secret' | 'other'
  readonly choices?: readonly string[]
  readonly min?: number
  readonly max?: number
  readonly default?: unknown
}

/** An item of `GET /api/v1/settings`. */
export interface SettingsView {
  readonly plugin: string
  readonly values: Readonly<Record<string, unknown>>
  /** Secret keys that have a value. */
  readonly secrets: readonly string[]
  /** Keys whose value the environment fixes. */
  readonly fixed: readonly string[]
  readonly fields: readonly SettingField[]
}

/** What stands in a field: of a list one entry a line. */
export function fieldText({ kind }: SettingField, value: unknown): string {
  if (kind === 'list') return ((value as readonly string[] | undefined) ?? []).join('\n')
  return value === undefined || value === null ? '' : String(value)
}

/**
 * The body that changes what was typed and nothing else: null, the default, for what was emptied; secrets only when one was
 * typed. Undefined when nothing was changed.
 */
export function changesOf({ fields, values }: SettingsView, typed: FormValues): Record<string, unknown> | undefined {
  const changes: Record<string, unknown> = {}
  for (const field of fields) {
    const { key, kind } = field
    if (kind === 'other') continue
    const now = typedValue(field, typed[key])
    if (kind === 'secret') {
      if (now !== null) changes[key] = now
    } else if (JSON.stringify(now) !== JSON.stringify(typedValue(field, shown(field, values[key])))) changes[key] = now
  }
  return Object.keys(changes).length ? changes : undefined
}

/** As the field gives back what it shows. */
function shown(field: SettingField, value: unknown): unknown {
  return field.kind === 'switch' || field.kind === 'number' ? value : fieldText(field, value)
}

function typedValue({ kind }: SettingField, value: unknown): unknown {
  if (value === undefined || value === null || value === '') return kind === 'switch' ? false : null
  if (kind !== 'list') return value
  const entries = String(value)
    .split('\n')
    .map(entry => entry.trim())
    .filter(Boolean)
  return entries.length ? entries : null
}
