import { type ChildProcess, spawn } from 'node:child_process'
import { chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { nodeFlags } from '../../host/node-flags.js'
import type { BrokerConfig } from '../config.js'
import { userNamed } from '../users.js'

export interface BrokerHome {
  readonly directory: string
  readonly config: BrokerConfig
  readonly configFile: string
  /** Writes a plugin's manifest and its grammars below the first-party plugin directory, or another. */
  plugin(id: string, privileges: unknown, grammars?: Readonly<Record<string, unknown>>, store?: boolean): string
  remove(): void
}

/** uid under which tests run a broker that must not be root, when they are root themselves. */
export function unprivileged(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const user = userNamed('nobody')
  return user && { uid: user.uid, gid: user.gid }
}

/** A broker's directories and configuration in a temporary place of their own. */
export function brokerHome(
  overrides: Partial<BrokerConfig> = {},
  owner?: { readonly uid: number; readonly gid: number },
): BrokerHome {
  const directory = mkdtempSync(`${tmpdir()}/nusa-`)
  const path = (name: string) => `${directory}/${name}`
  const config: BrokerConfig = {
    profile: 'sandbox',
    roots: { etc: path('etc'), run: path('run'), log: path('log'), state: path('broker'), www: path('www') },
    socketDir: path('run'),
    ports: { http: 18080, https: 18443 },
    listenAddresses: ['127.0.0.1', '::1'],
    pluginDirs: [path('plugins'), path('store')],
    users: 'single',
    journalDir: path('broker/journal'),
    versionsFile: path('versions.json'),
    ...overrides,
  }
  for (const name of ['plugins', 'store']) mkdirSync(path(name))
  cpSync(fileURLToPath(new URL('../../../src/broker/versions.json', import.meta.url)), path('versions.json'))
  const configFile = path('broker.json')
  writeFileSync(configFile, JSON.stringify(config))
  if (owner) chownSync(directory, owner.uid, owner.gid)
  return {
    directory,
    config,
    configFile,
    plugin(id, privileges, grammars = {}, store = false) {
      const at = path(`${store ? 'store' : 'plugins'}/${id}`)
      mkdirSync(`${at}/grammars`, { recursive: true })
      writeFileSync(`${at}/privileges.json`, JSON.stringify(privileges, null, 2))
      for (const [name, grammar] of Object.entries(grammars))
        writeFileSync(`${at}/grammars/${name}.json`, JSON.stringify(grammar))
      return at
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

export interface RunningBroker {
  readonly child: ChildProcess
  readonly pid: number
  readonly socket: string
  readonly adminSocket: string
  stderr(): string
  /** Sends the signal and waits for the end. @returns exit code, null when a signal ended it */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts a real broker process and waits until it is ready. @throws Error with its standard error */
export function startBroker(
  home: BrokerHome,
  user?: { readonly uid: number; readonly gid: number },
): Promise<RunningBroker> {
  const main = fileURLToPath(new URL('../main.js', import.meta.url))
  const child = spawn(process.execPath, [...nodeFlags.broker, main, home.configFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    ...user,
  })
  let stderr = ''
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  return new Promise((resolve, reject) => {
    ended.then(code => reject(new Error(`broker ended with ${code}: ${stderr}`)))
    createInterface({ input: child.stdout }).once('line', line => {
      const ready = JSON.parse(line) as { pid: number; socket: string; adminSocket: string }
      resolve({
        child,
        ...ready,
        stderr: () => stderr,
        stop: (signal = 'SIGTERM') => {
          child.kill(signal)
          return ended
        },
      })
    })
  })
}
