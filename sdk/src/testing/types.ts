import type { RouteDefinition } from '../http.js'
import type { JobState } from '../jobs.js'

export interface TestPanelOptions {
  /** Directories of the plugins that are enabled; each is named like its plugin's id. No other plugin is. */
  readonly plugins?: readonly string[]
  /** Only this one for now. */
  readonly profile?: 'sandbox'
  /** A real broker process. Default true. */
  readonly broker?: boolean
  /** An empty database. Default: SQLite in the panel's temporary home. */
  readonly databaseUrl?: string
  /** The panel as a process of its own that can be killed. Default: in this process. */
  readonly processes?: boolean
  /**
   * Further environment of the panel's process, with `processes`. `NUSA_ROOT` names another checkout, or what a package holds:
   * its programs run in place of those here.
   */
  readonly env?: Readonly<Record<string, string>>
  /** Default `silent`. Lines go to `<home>/panel.log`. */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'silent'
}

export interface TestResponse<T = unknown> {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Parsed when it is JSON, else the text. */
  readonly body: T
  readonly text: string
}

/** One person's browser: keeps the session cookie, sends Origin and the CSRF token. Paths are below `/api/v1`, or whole when they begin with it. */
export interface TestClient {
  // biome-ignore-start lint/suspicious/noExplicitAny: a test says what it expects of the body by asserting it
  get<T = any>(path: string, headers?: Readonly<Record<string, string>>): Promise<TestResponse<T>>
  post<T = any>(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<TestResponse<T>>
  put<T = any>(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<TestResponse<T>>
  patch<T = any>(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<TestResponse<T>>
  delete<T = any>(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<TestResponse<T>>
  // biome-ignore-end lint/suspicious/noExplicitAny: see above
}

export interface TestJob {
  readonly id: string
  readonly state: JobState
  readonly problem?: { readonly code: string; readonly params: Readonly<Record<string, unknown>> } | null
}

/** Everything that plugins can leave behind, counted or named. */
export interface Inventory {
  readonly routes: readonly (Pick<RouteDefinition, 'operation' | 'method' | 'path' | 'permission'> & {
    readonly owner: string
  })[]
  readonly streams: readonly { readonly owner: string; readonly topic: string; readonly permission: string }[]
  readonly taps: readonly { readonly hook: string; readonly plugin: string }[]
  /** `title` is a key of the owner's catalogue. */
  readonly jobs: readonly { readonly type: string; readonly owner: string; readonly title: string }[]
  readonly schedules: number
  readonly services: number
  /** Pages, what fills slots, and parts of others' forms; `titles` are keys of the plugin's catalogue. */
  readonly panels: readonly {
    readonly plugin: string
    readonly element: string
    readonly permission: string
    readonly titles: readonly string[]
  }[]
  readonly permissions: readonly { readonly name: string; readonly owner: string }[]
  /** Owner → keys, by language. */
  readonly catalogues: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
  /** Kinds of what keeps the process alive (timers, sockets, …) and how many there are. */
  readonly handles: Readonly<Record<string, number>>
}

export interface TestPanel {
  readonly port: number
  readonly url: string
  /** Temporary; removed by `stop`. */
  readonly home: string
  /** Ports of the sites' public listeners. */
  readonly sites: { readonly http: number; readonly https: number }
  readonly broker: TestBroker | undefined
  /** Process id of the panel, with `processes`. */
  readonly pid: number | undefined
  /** Names and passwords of the two people. */
  readonly people: Readonly<Record<'admin' | 'user', { readonly username: string; readonly password: string }>>
  /** The administrator, an ordinary user with an account of their own (made when first asked for), or nobody. */
  as(who: 'admin' | 'user' | 'nobody'): TestClient
  /** Polls until the job is terminal. */
  waitForJob(id: string, options?: { readonly timeout?: number }): Promise<TestJob>
  /** Stops the panel in order and starts it again on the same state; sessions stay. */
  restart(): Promise<void>
  /** kill -9 of the panel's process; `restart` brings it back. Only with `processes`. */
  kill(): Promise<void>
  /** What is registered now. Not with `processes`. */
  inventory(): Inventory
  /** The panel's own parts, by class, for tests of the kernel. Not with `processes`. */
  resolve<T>(token: new (...args: never[]) => T): T
  stop(): Promise<void>
}

export interface TestBroker {
  readonly pid: number
  readonly socket: string
  readonly adminSocket: string
  /** kill -9; `restart` brings it back. */
  kill(): Promise<void>
  restart(): Promise<void>
}
