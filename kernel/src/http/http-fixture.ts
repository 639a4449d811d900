import 'reflect-metadata'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId } from '@nusantara/sdk'
import { pino } from 'pino'
import { type DependencyContainer, container as root } from 'tsyringe'
import { Sessions } from '../auth/sessions.js'
import type { Config } from '../config/config.js'
import { CONFIG, LOGGER } from '../config/token.js'
import { ensurePanelCertificate } from '../host/panel-certificate.js'
import { Access } from '../rbac/access.js'
import { State } from '../state/state.js'
import { EventsRoutes } from './events.routes.js'
import { HttpServer } from './http-server.js'
import { OpenApiRoutes } from './openapi.routes.js'
import { OperationsRoutes } from './operations.routes.js'
import { RouteRegistry } from './route-registry.js'
import { ShellRoutes } from './shell.routes.js'
import { TicketsRoutes } from './tickets.routes.js'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever JSON came
  readonly json: any
}

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: unknown
  /** Adds the session's cookie, CSRF token and Origin; headers given beside win, an empty one leaves it out. */
  readonly as?: SignedIn
  readonly agent?: Agent
}

export interface SignedIn {
  readonly userId: string
  readonly sessionId: string
  readonly cookie: string
  readonly csrf: string
}

/** A whole server over HTTPS with real sign-in, permissions, audit and state, in a directory of its own. */
export class HttpFixture {
  port = 0
  #agent = new Agent({ keepAlive: true })

  private constructor(
    readonly container: DependencyContainer,
    readonly home: string,
    readonly ca: Buffer,
    readonly state: State,
    readonly logged: string[],
  ) {
    this.#agent = new Agent({ keepAlive: true, ca })
  }

  static async start(overrides: Partial<Config> = {}): Promise<HttpFixture> {
    const home = overrides.home ?? (await mkdtemp(join(tmpdir(), 'nusa-http-')))
    const { readFile } = await import('node:fs/promises')
    await ensurePanelCertificate(home, ['panel.example.test'])
    const config = { ...defaults(home), ...overrides }
    const state = await State.open(config)
    await state.migrate()
    const logged: string[] = []
    const container = root.createChildContainer()
    container.registerInstance<State>(State as never, state)
    container.registerInstance<Config>(CONFIG, config)
    container.registerInstance(LOGGER, pino({ level: 'debug' }, { write: line => void logged.push(line) }))
    const fixture = new HttpFixture(container, home, await readFile(join(home, 'tls-cert.pem')), state, logged)
    for (const area of [EventsRoutes, OpenApiRoutes, OperationsRoutes, ShellRoutes, TicketsRoutes]) {
      container.resolve<{ register(registry: RouteRegistry): void }>(area).register(fixture.registry)
    }
    try {
      fixture.port = (await container.resolve(HttpServer).start()).port
    } catch (error) {
      await container.resolve(HttpServer).stop()
      await state.close()
      if (!overrides.home) await rm(home, { recursive: true, force: true })
      throw error
    }
    return fixture
  }

  get registry(): RouteRegistry {
    return this.container.resolve(RouteRegistry)
  }

  get access(): Access {
    return this.container.resolve(Access)
  }

  get origin(): string {
    return `https://127.0.0.1:${this.port}`
  }

  /** A user with a role of just these permissions, and a session of the given assurance. */
  async signIn(
    permissions: readonly string[],
    assurance: 'full' | 'totp_required' = 'full',
    accounts: readonly string[] = [],
  ): Promise<SignedIn> {
    const { knex } = this.state
    const [userId, roleId, at] = [newId(), newId(), new Date().toISOString()]
    await knex('users').insert({
      id: userId,
      username: userId,
      username_key: userId,
      password_hash: 'none',
      password_changed_at: at,
      locale: 'en',
      created_at: at,
    })
    await knex('roles').insert({ id: roleId, name: roleId, permissions: JSON.stringify(permissions), updated_at: at })
    await knex('user_roles').insert({ user_id: userId, role_id: roleId })
    for (const account of accounts) {
      await knex('accounts').insert({ id: account, name: account, created_at: at }).onConflict('id').ignore()
      await knex('account_members').insert({ account_id: account, user_id: userId })
    }
    const sessions = this.container.resolve(Sessions)
    const { id, cookie } = await sessions.create(userId, assurance, { address: '127.0.0.1' })
    return { userId, sessionId: id, cookie: cookie.split(';')[0] ?? '', csrf: sessions.csrfToken(id) }
  }

  /** Entries of the audit log, oldest first. */
  async audited(): Promise<
    { action: string; outcome: string; actor: { kind: string; id: string }; target?: string; params?: unknown }[]
  > {
    const rows: { body: string }[] = await this.state.knex('audit_entries').orderBy('seq').select('body')
    return rows.map(({ body }) => JSON.parse(body) as never)
  }

  ask(path: string, options: Ask = {}): Promise<Answer> {
    const { as, body, method = 'GET', agent = this.#agent } = options
    const text =
      body === undefined ? undefined : typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
    const all = {
      ...(as && { Cookie: as.cookie, 'X-CSRF-Token': as.csrf, Origin: this.origin }),
      ...(text !== undefined && {
        'Content-Type': 'application/json',
        'Content-Length': String(Buffer.byteLength(text)),
      }),
      ...options.headers,
    }
    const headers = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        { host: '127.0.0.1', port: this.port, path, method, headers, agent, servername: 'localhost' },
        response => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => resolve(answer(response.statusCode ?? 0, response.headers, Buffer.concat(chunks))))
        },
      )
      request.on('error', reject)
      request.end(text)
    })
  }

  async stop(): Promise<void> {
    this.#agent.destroy()
    await this.container.resolve(HttpServer).stop()
    await this.state.close()
    await rm(this.home, { recursive: true, force: true })
  }

  async writeUi(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
    const { mkdir } = await import('node:fs/promises')
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.home, 'ui', path)
      await mkdir(join(file, '..'), { recursive: true })
      await writeFile(file, content)
    }
  }
}

function answer(status: number, headers: IncomingHttpHeaders, bytes: Buffer): Answer {
  const text = bytes.toString('utf8')
  return {
    status,
    headers,
    text,
    get json() {
      return JSON.parse(text) as unknown
    },
  }
}

function defaults(home: string): Config {
  return {
    profile: 'sandbox',
    home,
    port: 0,
    listen: ['127.0.0.1'],
    hosts: ['panel.example.test'],
    sites: { httpPort: 0, httpsPort: 0 },
    trustedProxies: [],
    logLevel: 'silent',
    pluginDirs: [],
    brokerSocket: join(home, 'run', 'broker.sock'),
    uiDir: join(home, 'ui'),
    roles: ['web'],
    bcryptCost: 4,
  }
}
