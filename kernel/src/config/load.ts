import { constants } from 'node:fs'
import { access, mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { frontSocketName } from '../host/front-socket.js'
import type { Config } from './config.js'
import { ConfigInvalid, ConfigUnreadable, HomeTooLong, HomeUnwritable } from './errors.js'
import { type ConfigKey, configKeys } from './keys.js'

const homeLimit = 60

type Values = Record<string, unknown>

export interface Layout {
  /** The checkout or the installed package: where `plugins` and the built shell are. */
  readonly root: string
  readonly profile: Config['profile']
}

/**
 * Reads `NUSA_CONFIG` (default `<home>/config.json`, may be absent) and the environment, which wins.
 * @throws ConfigInvalid, ConfigUnreadable, HomeTooLong
 */
export async function loadConfig(env: NodeJS.ProcessEnv, layout: Layout): Promise<Config> {
  const home = homeDirectory(env, layout)
  const bytes = Buffer.byteLength(home)
  if (layout.profile === 'sandbox' && bytes > homeLimit) throw HomeTooLong({ home, bytes, limit: homeLimit })
  const file = env.NUSA_CONFIG ?? join(home, 'config.json')
  const fromFile = flatten(await readConfigFile(file, env.NUSA_CONFIG !== undefined))
  const values: Values = {}
  refuseUnknown(fromFile, file)
  for (const key of configKeys) values[key.key] = effective(key, fromFile, env, file)
  const store = values.pluginStore as string | undefined
  return {
    profile: layout.profile,
    home,
    port: values.port as number,
    listen: values.listen as string[],
    hosts: values.hosts as string[],
    sites: sitePorts(layout.profile, values),
    ...(values.databaseUrl ? { databaseUrl: values.databaseUrl as string } : {}),
    trustedProxies: values.trustedProxies as string[],
    audit: {
      ...(values['audit.keepDays'] !== undefined && { keepDays: values['audit.keepDays'] as number }),
      ...(values['audit.segmentDir'] !== undefined && { segmentDir: values['audit.segmentDir'] as string }),
    },
    logLevel: values.logLevel as Config['logLevel'],
    pluginDirs: [join(layout.root, 'plugins'), ...(store ? [store] : [])],
    cliSocket: cliSocketPath(layout.profile, home),
    frontSocket: frontSocketPath(layout.profile, home),
    brokerSocket: join(brokerSocketDirectory(layout.profile, home), 'broker.sock'),
    uiDir: join(layout.root, 'ui-shell', 'dist'),
    ...(values.onDemand !== undefined && { onDemand: values.onDemand as boolean }),
    roles: values.roles as Config['roles'],
    bcryptCost: 12,
  }
}

/** The command line's socket. On a server it stands in a directory of root's, where systemd makes it. */
export function cliSocketPath(profile: Config['profile'], home: string): string {
  return profile === 'system' ? '/run/nusantara/panel.sock' : join(home, 'run', 'panel.sock')
}

/** The socket for a web server on this machine; on a server it stands beside the one of the command line. */
function frontSocketPath(profile: Config['profile'], home: string): string {
  return profile === 'system' ? `/run/nusantara/${frontSocketName}` : join(home, 'run', frontSocketName)
}

/** On a server visitors come without a port, as the broker's own configuration has it. */
function sitePorts(profile: Config['profile'], values: Values): Config['sites'] {
  if (profile === 'system') return { httpPort: 80, httpsPort: 443 }
  return { httpPort: values['sites.httpPort'] as number, httpsPort: values['sites.httpsPort'] as number }
}

/** Root's own way to the broker; its mode says who may. */
export function adminSocketPath(profile: Config['profile'], home: string): string {
  return join(brokerSocketDirectory(profile, home), 'broker-admin.sock')
}

function brokerSocketDirectory(profile: Config['profile'], home: string): string {
  return profile === 'system' ? '/run/nusantara/broker' : join(home, 'run')
}

/** The state directory: `NUSA_HOME`, else by profile and user. Always absolute. */
export function homeDirectory(env: NodeJS.ProcessEnv, layout: Layout): string {
  if (env.NUSA_HOME) return resolve(env.NUSA_HOME)
  if (layout.profile === 'system') return '/var/lib/nusantara'
  return env.NUSA_STARTED_BY_ROOT === '1' || process.getuid?.() === 0
    ? '/var/lib/nusantara-sandbox'
    : join(layout.root, '.nusantara')
}

/** Makes the state directory (0700) and proves that it can be written. @throws HomeUnwritable */
export async function prepareHome(home: string): Promise<void> {
  try {
    await mkdir(join(home, 'run'), { recursive: true, mode: 0o750 })
    await access(home, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw HomeUnwritable({ home, reason: (error as Error).message }, { cause: error })
  }
}

async function readConfigFile(file: string, required: boolean): Promise<Values> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const absent = ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
    if (absent && !required) return {}
    throw ConfigUnreadable({ file, reason: (error as Error).message }, { cause: error })
  }
  try {
    const parsed: unknown = JSON.parse(text)
    if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed))
      throw new Error('it is not a JSON object')
    return parsed as Values
  } catch (error) {
    throw ConfigUnreadable({ file, reason: (error as Error).message }, { cause: error })
  }
}

/** `{sites: {httpPort: 1}}` → `{'sites.httpPort': 1}`, as far down as there are keys. */
function flatten(values: Values, prefix = ''): Values {
  const flat: Values = {}
  for (const [name, value] of Object.entries(values)) {
    const key = prefix + name
    const isSection = configKeys.some(known => known.key.startsWith(`${key}.`))
    if (isSection && value !== null && typeof value === 'object')
      Object.assign(flat, flatten(value as Values, `${key}.`))
    else flat[key] = value
  }
  return flat
}

function refuseUnknown(values: Values, file: string): void {
  for (const key of Object.keys(values)) {
    if (configKeys.some(known => known.key === key)) continue
    const known = configKeys.map(each => each.key).join(', ')
    throw ConfigInvalid({ source: file, key, reason: `there is no such key; the keys are ${known}` })
  }
}

function effective(key: ConfigKey, fromFile: Values, env: NodeJS.ProcessEnv, file: string): unknown {
  const text = key.env ? env[key.env] : undefined
  const fromEnv = text !== undefined && text !== ''
  const given = fromEnv ? (key.list ? text.split(',').map(item => item.trim()) : text) : fromFile[key.key]
  const { value, error } = key.schema
    .label(key.key)
    .validate(given, { convert: fromEnv, errors: { wrap: { label: false } } })
  if (error)
    throw ConfigInvalid({
      source: fromEnv ? 'environment' : file,
      key: fromEnv ? String(key.env) : key.key,
      reason: error.message,
    })
  return value
}
