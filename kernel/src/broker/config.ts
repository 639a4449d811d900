import { readGuarded } from './policy/source.js'
import { array, integer, line, object, oneOf, string, Violation } from './schema.js'

export type RootName = 'etc' | 'run' | 'log' | 'state' | 'www'

/** The broker's configuration file: JSON, root-owned, every path absolute. */
export interface BrokerConfig {
  readonly profile: 'sandbox' | 'system'
  /** Host roots. `state` is the broker's own, 0700. */
  readonly roots: Readonly<Record<RootName, string>>
  /** Where `broker.sock` and `broker-admin.sock` are made. */
  readonly socketDir: string
  /** Ports of the public listeners of sites. */
  readonly ports: { readonly http: number; readonly https: number }
  /** Addresses of the public listeners; the first of each family counts. */
  readonly listenAddresses: readonly string[]
  /**
   * Where manifests are found: `<dir>/<plugin>/privileges.json`, or `<dir>/<plugin>/<version>/privileges.json`, where the
   * newest version counts. The first directory is shipped with the kernel; the others are stores that root alone may write.
   */
  readonly pluginDirs: readonly string[]
  /** Group that may connect to `broker.sock`. Default: the broker's own. */
  readonly panelGroup?: string
  /** User that the panel runs as. Default `nusantara` with per-tenant users, else the broker's own. */
  readonly panelUser?: string
  /** User that the web server runs as. Default `www-data` with per-tenant users, else the broker's own. */
  readonly webUser?: string
  readonly users: 'single' | 'per-tenant'
  readonly journalDir: string
  readonly versionsFile: string
  /** Started by its sockets, it leaves after so many seconds with nothing to do. Default 60. */
  readonly idleSeconds?: number
}

const path = string({ max: 200, pattern: /^\/(?:[^/\0]+\/?)*$/, says: 'must be an absolute path' })
const account = string({ max: 32, pattern: /^[a-z_][a-z0-9_-]*$/, says: 'must be a user or group name' })

const check = object(
  {
    profile: oneOf('sandbox', 'system'),
    roots: object({ etc: path, run: path, log: path, state: path, www: path }),
    socketDir: path,
    ports: object({ http: integer(1, 65535), https: integer(1, 65535) }),
    listenAddresses: array(line({ min: 1, max: 45 }), { min: 1, max: 32 }),
    pluginDirs: array(path, { max: 16 }),
    users: oneOf('single', 'per-tenant'),
    journalDir: path,
    versionsFile: path,
  },
  { panelGroup: account, panelUser: account, webUser: account, idleSeconds: integer(1, 86_400) },
)

/** Reads and validates the configuration file, which nobody but its rightful owner may be able to write. @throws Error that names the file, the key and the reason */
export function readConfig(file: string): BrokerConfig {
  try {
    return parseConfig(JSON.parse(readGuarded(file).toString('utf8')))
  } catch (error) {
    throw new Error(`broker configuration ${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

/** @throws Violation */
export function parseConfig(value: unknown): BrokerConfig {
  const config = check(value, '')
  if (config.users === 'per-tenant' && process.getuid?.() !== 0)
    throw new Violation('users', 'per-tenant needs a broker that runs as root')
  return config
}
