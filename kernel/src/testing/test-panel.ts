import 'reflect-metadata'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Inventory, TestClient, TestJob, TestPanel, TestPanelOptions } from '@nusantara/sdk/testing'
import type { Config } from '../config/config.js'
import { certificateFiles, ensurePanelCertificate } from '../host/panel-certificate.js'
import { discover } from '../plugins/discovery.js'
import { PluginStore } from '../plugins/plugin-store.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { freePorts } from './free-ports.js'
import { takeInventory } from './inventory.js'
import { InProcess, OwnProcess, type PanelHost } from './panel-process.js'
import { BrokerProcess } from './test-broker.js'
import { Client } from './test-client.js'
import { until } from './until.js'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')
const terminal = new Set(['succeeded', 'failed', 'cancelled', 'unknown'])

/**
 * A panel for tests: ephemeral ports, a temporary home, a real broker process, real HTTPS, and an administrator who is set up
 * and signed in. Everything that it started or wrote is gone after `stop`.
 */
export async function createTestPanel(options: TestPanelOptions = {}): Promise<TestPanel> {
  const home = await mkdtemp(join(tmpdir(), 'nusa-'))
  const panel = new RunningTestPanel(home, options)
  try {
    await panel.begin()
  } catch (error) {
    await panel.stop()
    throw error
  }
  return panel
}

class RunningTestPanel implements TestPanel {
  readonly people = {
    admin: { username: 'admin', password: 'correct horse battery staple' },
    user: { username: 'budi', password: 'paper umbrella in the rain' },
  }
  readonly #clients = new Map<string, Client>()
  #host!: PanelHost
  #broker: BrokerProcess | undefined
  #certificate = ''
  #port = 0
  #sites = { http: 0, https: 0 }

  constructor(
    readonly home: string,
    private readonly options: TestPanelOptions,
  ) {}

  get port(): number {
    return this.#port
  }

  get url(): string {
    return `https://localhost:${this.#port}`
  }

  get sites(): { readonly http: number; readonly https: number } {
    return this.#sites
  }

  get broker(): BrokerProcess | undefined {
    return this.#broker
  }

  get pid(): number | undefined {
    return this.#host.pid
  }

  async begin(): Promise<void> {
    const [http, https] = (await freePorts(2)) as [number, number]
    this.#sites = { http, https }
    // The system chooses the panel's own port when it listens, so nobody can be quicker.
    const config = this.#config(0)
    await mkdir(join(this.home, 'run'), { mode: 0o750 })
    await ensurePanelCertificate(this.home, [])
    this.#certificate = await readFile(certificateFiles(this.home).cert, 'utf8')
    if (this.options.broker !== false) {
      this.#broker = await BrokerProcess.start(this.home, {
        ports: this.#sites,
        pluginDirs: config.pluginDirs,
        root: this.options.env?.NUSA_ROOT ?? root,
      })
      await this.#broker.approveAll()
    }
    await this.#chooseInState(config)
    this.#host = this.options.processes ? new OwnProcess(await this.#environment(config)) : new InProcess(config)
    const started = await this.#host.start()
    this.#port = started.port
    await this.#setUp(started.setupUrl)
  }

  as(who: 'admin' | 'user' | 'nobody'): TestClient {
    const client = this.#client(who)
    if (who !== 'user') return client
    const ready = () => (this.#user ??= this.#makeUser(client))
    return {
      get: async (path, headers) => (await ready()).get(path, headers),
      post: async (path, body, headers) => (await ready()).post(path, body, headers),
      put: async (path, body, headers) => (await ready()).put(path, body, headers),
      patch: async (path, body, headers) => (await ready()).patch(path, body, headers),
      delete: async (path, body, headers) => (await ready()).delete(path, body, headers),
    } as TestClient
  }
  #user: Promise<Client> | undefined

  async waitForJob(id: string, { timeout = 30_000 }: { readonly timeout?: number } = {}): Promise<TestJob> {
    let job: TestJob | undefined
    await until(async () => {
      const { status, body } = await this.#client('admin').get<TestJob>(`/jobs/${id}`)
      if (status !== 200) throw new Error(`GET /jobs/${id} answered ${status}: ${JSON.stringify(body)}`)
      job = body
      return terminal.has(body.state)
    }, timeout)
    return job as TestJob
  }

  async restart(): Promise<void> {
    this.#closeConnections()
    await this.#host.stop()
    this.#port = (await this.#host.start()).port
  }

  async kill(): Promise<void> {
    await this.#host.kill()
    this.#closeConnections()
  }

  inventory(): Inventory {
    this.#closeConnections()
    return takeInventory(this.#host.container)
  }

  resolve<T>(token: new (...args: never[]) => T): T {
    return this.#host.container.resolve(token as new (...args: unknown[]) => T)
  }

  async stop(): Promise<void> {
    this.#closeConnections()
    await this.#host?.stop()
    await this.#broker?.stop()
    await rm(this.home, { recursive: true, force: true, maxRetries: 3 })
  }

  #config(port: number): Config {
    const parents = (this.options.plugins ?? []).map(directory => dirname(resolve(directory)))
    return {
      profile: 'sandbox',
      home: this.home,
      port,
      listen: ['127.0.0.1'],
      hosts: [],
      sites: { httpPort: this.#sites.http, httpsPort: this.#sites.https },
      ...(this.options.databaseUrl && { databaseUrl: this.options.databaseUrl }),
      trustedProxies: [],
      logLevel: this.options.logLevel ?? 'silent',
      // A process takes the checkout's own plugins and one store.
      pluginDirs: [...new Set(this.options.processes ? [join(root, 'plugins'), ...parents] : parents)],
      brokerSocket: join(this.home, 'run', 'broker.sock'),
      uiDir: join(root, 'ui-shell', 'dist'),
      roles: ['web', 'runner'],
      bcryptCost: 4,
    }
  }

  async #environment(config: Config): Promise<NodeJS.ProcessEnv & { readonly NUSA_ROOT: string }> {
    const [, store, ...more] = config.pluginDirs
    if (more.length > 0) throw new Error('With {processes: true} plugins stand in `plugins` and one other directory.')
    const file = join(this.home, 'config.json')
    await writeFile(file, JSON.stringify({ port: config.port, listen: config.listen }))
    const { PATH, NODE_COMPILE_CACHE } = process.env
    return {
      PATH,
      NODE_COMPILE_CACHE,
      NUSA_HOME: this.home,
      NUSA_ROOT: root,
      NUSA_LOG_LEVEL: config.logLevel,
      NUSA_SITES_HTTP_PORT: String(config.sites.httpPort),
      NUSA_SITES_HTTPS_PORT: String(config.sites.httpsPort),
      ...(config.databaseUrl && { DATABASE_URL: config.databaseUrl }),
      ...(store && { NUSA_PLUGIN_STORE: store }),
      ...this.options.env,
    }
  }

  /** Enables exactly the plugins asked for, before the panel looks. */
  async #chooseInState(config: Config): Promise<void> {
    const wanted = new Set((this.options.plugins ?? []).map(directory => resolve(directory)))
    const state = await State.open(config)
    try {
      await state.migrate()
      const store = new PluginStore(state, new Clock())
      for (const { id, directory } of await discover(config.pluginDirs)) {
        const enabled = wanted.delete(resolve(directory))
        await store.decide(id, { enabled, digest: undefined }, { id: 'test' })
      }
    } finally {
      await state.close()
    }
    for (const directory of wanted) throw new Error(`There is no plugin ${basename(directory)} in ${directory}.`)
  }

  async #setUp(setupUrl: string | undefined): Promise<void> {
    const token = setupUrl?.split('#token=')[1]
    if (!token) throw new Error('The panel gave no setup link.')
    const { username, password } = this.people.admin
    const { status, text } = await this.#client('admin').post('/setup', { token, username, password, locale: 'en' })
    if (status !== 201) throw new Error(`POST /setup answered ${status}: ${text}`)
  }

  async #makeUser(client: Client): Promise<Client> {
    const { username, password } = this.people.user
    const admin = this.#client('admin')
    const account = await admin.post<{ id: string }>('/accounts', { name: username })
    const made = await admin.post('/users', { username, password, accounts: [account.body.id] })
    if (made.status !== 201) throw new Error(`POST /users answered ${made.status}: ${made.text}`)
    const login = await client.post('/auth/login', { username, password })
    if (login.status !== 200) throw new Error(`POST /auth/login answered ${login.status}: ${login.text}`)
    return client
  }

  #client(who: string): Client {
    const client = this.#clients.get(who) ?? new Client(() => this.url, this.#certificate)
    this.#clients.set(who, client)
    return client
  }

  #closeConnections(): void {
    for (const client of this.#clients.values()) client.close()
  }
}
