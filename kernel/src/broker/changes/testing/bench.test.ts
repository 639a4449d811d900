import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import type { ChangeRequest, Directive, Privileges } from '@nusantara/sdk'
import { freePorts } from '../../../testing/free-ports.js'
import { Host } from '../../host.js'
import { Journal } from '../../journal.js'
import { Policy } from '../../policy.js'
import type { Origin } from '../../protocol.js'
import { SandboxServices } from '../../services/sandbox-services.js'
import { Services } from '../../services.js'
import { type BrokerHome, brokerHome } from '../../testing/broker-process.js'
import { Changes } from '../changes.js'
import type { ChangeDeps } from '../deps.js'

/** A file that was exchanged after the directory was read is not there any more. */
function entry(directory: string, name: string): [string, string][] {
  try {
    return [[name, readFileSync(`${directory}/${name}`, 'utf8')]]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** A real web server under a real policy, services and journal: what every test of changes stands on. */
export interface Bench {
  readonly home: BrokerHome
  readonly deps: ChangeDeps
  readonly changes: Changes
  readonly services: Services
  readonly origin: Origin
  readonly http: number
  readonly sites: string
  apply(
    name: string,
    request?: Partial<ChangeRequest>,
    more?: { changeId?: string; attempt?: number; deadline?: number; expectHash?: string },
  ): ReturnType<Changes['apply']>
  /** Configuration files that the plugin's changes own, by name. */
  files(): Record<string, string>
  /** What a name answers at a path. */
  ask(name: string, path?: string): Promise<string>
  /** Opens the changes again, as a broker does that was started anew. */
  reopen(overrides?: Partial<ChangeDeps>): Promise<Bench>
  /** Lets go, services run on. */
  release(): Promise<void>
  remove(): Promise<void>
}

export const manifest = (reload: 'HUP' | 'USR1' = 'HUP', bin = '/usr/sbin/nginx'): Privileges => ({
  params: {
    site: { enum: Array.from({ length: 250 }, (_, index) => `site${index}`) },
    wave: { enum: ['a', 'b', 'c', 'd', 'e'] },
  },
  files: {
    vhost: {
      path: ['${etc}/web/sites.d/', { param: 'wave' }, '-', { param: 'site' }, '.conf'],
      format: 'block',
      grammar: 'grammars/vhost.json',
      owner: 'root',
      mode: '0644',
      maxBytes: 65536,
    },
    key: {
      path: ['${etc}/web/keys/', { param: 'wave' }, '-', { param: 'site' }, '.txt'],
      format: 'opaque',
      owner: 'root',
      mode: '0600',
      maxBytes: 4096,
      secret: true,
    },
  },
  services: {
    web: {
      unit: 'web.service',
      verbs: ['start', 'stop', 'reload', 'restart', 'status'],
      check: { bin, argv: ['-t', '-q', '-e', 'stderr', '-c', ['${etc}', '/web/nginx.conf']] },
      reload: { signal: reload },
      stage: ['${etc}/web'],
      sandbox: {
        bin: '/usr/sbin/nginx',
        argv: ['-e', 'stderr', '-c', ['${etc}', '/web/nginx.conf'], '-g', 'daemon off;'],
      },
      revision: {
        path: ['${etc}/web/sites.d/00-revision.conf'],
        format: 'block',
        tree: [
          {
            name: 'server',
            block: [
              { name: 'listen', args: [['unix:', '${run}', '/revision.sock']] },
              { name: 'location', args: ['/'], block: [{ name: 'return', args: [200, { revision: true }] }] },
            ],
          },
        ],
      },
    },
  },
  changes: {
    vhost: {
      files: ['vhost', 'key'],
      service: 'web',
      probe: { kind: 'http', socket: ['${run}/revision.sock'], namePath: '/.well-known/revision' },
    },
  },
})

const text = (pattern: string, variables: readonly string[] = []) => ({
  type: 'text',
  maxLength: 100,
  pattern,
  ...(variables.length && { variables }),
})

export const grammar = {
  top: 'main',
  contexts: {
    main: {
      server: { block: 'server', repeat: true },
      limit_req_zone: {
        args: [text('.*', ['binary_remote_addr', 'remote_user']), text('zone=[a-z0-9]+:[0-9]+m'), text('rate=1r/s')],
        repeat: true,
      },
      // Passes the grammar and no check.
      broken: {},
    },
    server: {
      listen: { args: [{ type: 'listener' }], repeat: true },
      server_name: { args: [{ type: 'hostname', wildcard: true }], rest: { type: 'hostname', wildcard: true } },
      client_max_body_size: { args: [{ type: 'size', maxBytes: 1024 ** 3 }] },
      location: { args: [{ type: 'enum', values: ['='] }, { type: 'uri' }], block: 'location', repeat: true },
    },
    location: { return: { args: [{ type: 'enum', values: ['200', '404'] }, { type: 'revision' }] } },
  },
}

export const site = (name: string) => ({
  site: name.replace(/^.*-/, ''),
  wave: /^[a-e]-/.test(name) ? name.slice(0, 1) : 'a',
})

export const domain = (name: string) => `${name}.test`

export interface VhostOptions {
  readonly status?: '200' | '404'
  readonly size?: string
  /** Directives before the server. */
  readonly extra?: readonly Directive[]
  readonly name?: string
}

/** A vhost that answers its revision where the probe asks. */
export function vhost(
  name: string,
  { status = '200', size = '1m', extra = [], name: serverName = domain(name) }: VhostOptions = {},
): Directive[] {
  return [
    ...extra,
    {
      name: 'server',
      block: [
        { name: 'listen', args: ['http'] },
        { name: 'listen', args: ['http6'] },
        { name: 'server_name', args: [serverName] },
        { name: 'client_max_body_size', args: [size] },
        {
          name: 'location',
          args: ['=', '/.well-known/revision'],
          block: [{ name: 'return', args: [status, { revision: true }] }],
        },
      ],
    },
  ]
}

function conf(etc: string, run: string): string {
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map(name => `  ${name}_temp_path ${run}/${name};`)
    .join('\n')
  return `pid ${run}/web.pid;
worker_processes 2;
events { worker_connections 512; }
http {
  access_log off;
  server_names_hash_max_size 8192;
  server_names_hash_bucket_size 128;
${temp}
  include ${etc}/web/sites.d/*.conf;
}
`
}

export interface BenchOptions
  extends Partial<Pick<ChangeDeps, 'onStep' | 'probeTimeoutMs' | 'warn' | 'now' | 'guard'>> {
  readonly privileges?: Privileges
}

export async function bench(options: BenchOptions = {}): Promise<Bench> {
  const [http = 0, https = 0] = await freePorts(2)
  const home = brokerHome({ ports: { http, https } })
  const { etc, run, log, www, state } = home.config.roots
  for (const directory of [run, log, www, state, `${etc}/web/sites.d`])
    mkdirSync(directory, { recursive: true, mode: 0o755 })
  writeFileSync(`${etc}/web/nginx.conf`, conf(etc, run))
  home.plugin('web', options.privileges ?? manifest(), { vhost: grammar })
  return openBench(home, options)
}

/** Ordinal of the connection that changes of a bench are applied over. */
export const connection = 7

export async function openBench(home: BrokerHome, options: BenchOptions = {}): Promise<Bench> {
  const { config } = home
  const { state } = config.roots
  const host = new Host(config)
  const policy = new Policy({
    pluginDirs: config.pluginDirs,
    versionsFile: config.versionsFile,
    stateFile: `${state}/policy.json`,
    grantsDirectory: `${state}/grants`,
  })
  const reason = policy.describe('web')[0]?.reason
  if (reason) throw new Error(reason)
  const digest = policy.current('web').digest
  const journal = await Journal.open({
    directory: config.journalDir,
    keyFile: `${state}/journal.key`,
    headFile: `${state}/journal.head`,
  })
  const services = new Services(host, policy, new SandboxServices(host, `${state}/services`))
  const deps: ChangeDeps = {
    host,
    policy,
    services,
    journal,
    // Kept by whole brokers alone; see deadlines.test.ts.
    guard: { keep: async () => {}, release: async () => {}, restore: async () => {}, stop: () => {} },
    newestConnection: () => connection,
    now: () => new Date(),
    probeTimeoutMs: 2000,
    warn: () => {},
    ...options,
  }
  const changes = await Changes.recover(deps)
  await services.adopt()
  await changes.runOut()
  await services.revive()
  await changes.resume()
  const origin: Origin = { plugin: 'web', policy: digest, actor: { kind: 'user', id: 'u1', name: 'admin' } }
  const sites = `${config.roots.etc}/web/sites.d`
  let count = 0
  const opened: Bench = {
    home,
    deps,
    changes,
    services,
    origin,
    sites,
    http: config.ports.http,
    apply: (name, request = {}, more = {}) =>
      changes.apply({
        ...origin,
        change: 'vhost',
        params: site(name),
        files: { vhost: vhost(name) },
        names: [domain(name)],
        changeId: `${name}-${process.pid}-${count++}`,
        attempt: 1,
        ...request,
        ...more,
      }),
    files: () => Object.fromEntries(readdirSync(sites).flatMap(name => entry(sites, name))),
    ask: (name, path = '/.well-known/revision') =>
      new Promise(resolve => {
        const asked = request(
          { host: '127.0.0.1', port: config.ports.http, path, agent: false, headers: { host: domain(name) } },
          response => {
            let text = ''
            response.on('data', data => {
              text += data
            })
            response.on('end', () => resolve(text))
          },
        )
        asked.on('error', error => resolve(error.message))
        asked.end()
      }),
    async reopen(overrides = {}) {
      await opened.release()
      return openBench(home, { ...options, ...overrides })
    },
    async release() {
      await changes.close()
      services.close()
      await journal.close()
    },
    async remove() {
      await services.stopAll()
      await opened.release()
      home.remove()
    },
  }
  return opened
}
