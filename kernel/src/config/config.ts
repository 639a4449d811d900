import type { HandedSockets } from '../host/handed-sockets.js'

/** Everything a start can be told, after validation. Every key is documented in the README's configuration table. */
export interface Config {
  readonly profile: 'sandbox' | 'system'
  /** State directory of the panel. At most 60 bytes in `sandbox`, because unix socket paths hang below it. */
  readonly home: string
  readonly port: number
  /** Addresses the panel listens on. */
  readonly listen: readonly string[]
  /** Host names under which the panel may be reached (besides addresses of this machine and localhost); others get 421. */
  readonly hosts: readonly string[]
  readonly sites: { readonly httpPort: number; readonly httpsPort: number }
  /** `postgres://…`; absent: SQLite in `<home>/panel.sqlite`. */
  readonly databaseUrl?: string
  /** Peers whose X-Forwarded-For is believed; addresses or CIDR. */
  readonly trustedProxies: readonly string[]
  /** How long audit entries stay in the store (absent: for ever), and where sealed ones go. */
  readonly audit?: { readonly keepDays?: number; readonly segmentDir?: string }
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Where plugins are found: the checkout's or package's `plugins`, then the root-owned store. */
  readonly pluginDirs: readonly string[]
  readonly brokerSocket: string
  /** The command line's socket. Default: `run/panel.sock` in the state directory. */
  readonly cliSocket?: string
  /** The socket for a web server on this machine. Default: `run/front.sock` in the state directory. */
  readonly frontSocket?: string
  /** Listening sockets that a service manager handed over: `https`, `cli` and `front`. They count before `port` and `listen`. */
  readonly handed?: HandedSockets
  /** Directory of the built shell. */
  readonly uiDir: string
  /** Whether the panel leaves when nobody needs it, to be started by its sockets. Default: unless an enabled plugin is resident. */
  readonly onDemand?: boolean
  readonly roles: readonly ('web' | 'runner')[]
  /** Lowers the work factor of password hashing; tests only. */
  readonly bcryptCost: number
}
