import type { Option } from '@nusantara/sdk/ui'
import { html, type TemplateResult } from 'lit'
import type { PhpRuntime, Runtimes } from '../../api.js'
import { t } from '../texts.js'

type Setting = Runtimes['phpSettings'][number]

/** Settings that people look for together. What the server offers besides stands in a last group. */
const groups: Readonly<Record<string, readonly string[]>> = {
  limits: ['memory_limit', 'max_execution_time', 'max_input_time', 'max_input_vars'],
  uploads: ['upload_max_filesize', 'post_max_size', 'max_file_uploads'],
  errors: ['display_errors', 'error_reporting'],
  behaviour: ['date.timezone', 'session.gc_maxlifetime', 'short_open_tag', 'allow_url_fopen'],
  opcache: ['opcache.enable', 'opcache.validate_timestamps', 'opcache.revalidate_freq'],
}

export function settingGroups(settings: readonly Setting[]): readonly { name: string; settings: readonly Setting[] }[] {
  const grouped = Object.entries(groups).map(([name, names]) => ({
    name,
    settings: names.flatMap(wanted => settings.find(setting => setting.name === wanted) ?? []),
  }))
  const known = new Set(Object.values(groups).flat())
  const others = { name: 'others', settings: settings.filter(({ name }) => !known.has(name)) }
  return [...grouped, others].filter(group => group.settings.length > 0)
}

/** One setting by its kind; empty stands for its default. */
export function settingField(setting: Setting, runtime: PhpRuntime): TemplateResult {
  const value = runtime.settings[setting.name] ?? ''
  const name = `runtime.settings.${setting.name}`
  const label = t(`ui.php.${setting.name}`)
  const options = optionsOf(setting, value)
  if (options)
    return html`<nusa-select name=${name} label=${label} hint=${setting.name} .value=${value} .options=${options}></nusa-select>`
  return html`<nusa-text-field
    name=${name}
    label=${label}
    hint=${hintOf(setting)}
    inputMode=${setting.kind === 'integer' ? 'numeric' : ''}
    placeholder=${setting.default || t('ui.php.as-upload')}
    value=${value}
    mono
  ></nusa-text-field>`
}

function hintOf({ name, kind, min, max }: Setting): string {
  return kind === 'integer' && min !== undefined && max !== undefined
    ? t('ui.php.range', { name, min, max })
    : t('ui.php.size', { name })
}

function optionsOf(setting: Setting, value: string): readonly Option[] | undefined {
  const { kind } = setting
  if (kind === 'size' || kind === 'integer') return undefined
  const choices = kind === 'timezone' ? Intl.supportedValuesOf('timeZone') : (setting.choices ?? [])
  const label = (choice: string) =>
    kind === 'boolean'
      ? t(`ui.php.${choice}`)
      : kind === 'choice'
        ? t('ui.php.choice', { name: setting.name, choice })
        : choice
  return [
    { value: '', label: t('ui.php.default', { value: label(setting.default) }) },
    ...(value && !choices.includes(value) ? [value, ...choices] : choices).map(choice => ({
      value: choice,
      label: label(choice),
    })),
  ]
}
