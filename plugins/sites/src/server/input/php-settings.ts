import type { Runtimes } from '../../api.js'
import { Refusal } from './refusals.js'
import { bytes } from './sizes.js'

type Setting = Runtimes['phpSettings'][number] & { readonly directive: 'php_value' | 'php_flag' }

const size = (name: string, value: string, max: number): Setting => ({
  name,
  kind: 'size',
  default: value,
  max,
  directive: 'php_value',
})
const integer = (name: string, value: number, min: number, max: number): Setting => ({
  name,
  kind: 'integer',
  default: String(value),
  min,
  max,
  directive: 'php_value',
})
const flag = (name: string, value: 'on' | 'off'): Setting => ({
  name,
  kind: 'boolean',
  default: value,
  choices: ['on', 'off'],
  directive: 'php_flag',
})

const GiB = 1024 ** 3

/** What a site may set of php.ini. Everything that names files, programs or addresses is missing on purpose. */
export const phpSettings: readonly Setting[] = [
  size('memory_limit', '128m', 8 * GiB),
  size('upload_max_filesize', '', 100 * GiB),
  size('post_max_size', '', 100 * GiB),
  integer('max_execution_time', 30, 1, 86_400),
  integer('max_input_time', 60, 1, 86_400),
  integer('max_input_vars', 1000, 100, 1_000_000),
  integer('max_file_uploads', 20, 1, 1000),
  integer('session.gc_maxlifetime', 1440, 60, 31_536_000),
  integer('opcache.revalidate_freq', 2, 0, 86_400),
  flag('display_errors', 'off'),
  flag('short_open_tag', 'off'),
  flag('allow_url_fopen', 'on'),
  flag('opcache.enable', 'on'),
  flag('opcache.validate_timestamps', 'on'),
  {
    name: 'error_reporting',
    kind: 'choice',
    default: '22527',
    choices: ['32767', '30711', '22527', '0'],
    directive: 'php_value',
  },
  { name: 'date.timezone', kind: 'timezone', default: 'UTC', directive: 'php_value' },
]

const byName = new Map(phpSettings.map(setting => [setting.name, setting]))

export function phpSetting(name: string): Setting {
  const setting = byName.get(name)
  if (!setting)
    throw new Refusal('setting_unknown', { name: name.slice(0, 60), allowed: [...byName.keys()].join(', ') })
  return setting
}

/** One value in the form that is stored and rendered: sizes in lower case, booleans as on and off. @throws Refusal */
export function parsePhpSetting(name: string, input: string | number | boolean): string {
  const setting = phpSetting(name)
  const value = typeof input === 'boolean' ? (input ? 'on' : 'off') : String(input)
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = setting
  const refuse = (expected: string) =>
    new Refusal('setting_value', { name, value: value.slice(0, 60), expected, min, max })
  switch (setting.kind) {
    case 'size': {
      const amount = bytes(value.toLowerCase())
      if (amount === null || amount < 1 || amount > (setting.max ?? GiB)) throw refuse('size')
      return value.toLowerCase()
    }
    case 'integer':
      if (!/^\d{1,9}$/.test(value) || Number(value) < min || Number(value) > max) throw refuse('integer')
      return String(Number(value))
    case 'timezone':
      if (!isTimezone(value)) throw refuse('timezone')
      return value
    default:
      if (!setting.choices?.includes(value)) throw refuse(setting.choices?.join(', ') ?? 'nothing')
      return value
  }
}

function isTimezone(value: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,2}$/.test(value)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: value })
    return true
  } catch {
    return false
  }
}
