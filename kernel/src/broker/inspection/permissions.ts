import type { Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { codeRoot } from '../../host/places.js'
import type { BrokerConfig } from '../config.js'
import { foreign } from '../policy/source.js'
import { groupName, users } from '../users.js'
import type { PathFault } from './facts.js'

/**
 * Not looked into: what a checkout keeps beside its code, and its libraries, which are many and were fetched by whoever owns
 * the checkout. In the package they are looked at like all else.
 */
const besideCheckout = ['.git', '.nusantara', '.test-output', 'node_modules']
const shown = 20
const entriesAtMost = 100_000

type Rule = 'secret' | 'private' | 'guarded'

/** The number of all faults is known even where only the first are named. */
export interface PermissionFacts {
  readonly permissions: readonly PathFault[]
  readonly faults: number
  readonly looked: number
}

/**
 * Modes and owners of what decides over root: configuration, the broker's own state, its sockets, manifests and the code.
 * Links are not followed; what they lead to is code and looked at where it stands.
 */
export async function inspectPermissions(
  config: BrokerConfig,
  configFile: string,
  code = codeRoot,
): Promise<PermissionFacts> {
  const found = new Findings(config)
  const { state, log, run, www } = config.roots
  await found.look(state, 'private')
  for (const name of ['journal.key', 'policy.json']) await found.look(join(state, name), 'secret')
  await found.look(config.journalDir, 'private')
  await found.look(config.socketDir, 'guarded')
  await found.look(join(config.socketDir, 'broker-admin.sock'), 'secret')
  await found.look(join(config.socketDir, 'broker.sock'), 'private')
  for (const root of [log, run, www]) await found.look(root, 'guarded')
  await found.look(configFile, 'guarded')
  if (config.profile === 'system') await found.walk(dirname(configFile))
  await found.look(config.versionsFile, 'guarded')
  for (const directory of [code, ...config.pluginDirs]) await found.walk(resolve(directory))
  return found
}

class Findings implements PermissionFacts {
  readonly permissions: PathFault[] = []
  readonly #seen = new Set<string>()
  readonly #foreign = new Map<string, ReturnType<typeof foreign>>()
  /** A state directory may stand inside a checkout, and is no code. */
  readonly #own: ReadonlySet<string>
  readonly #beside: ReadonlySet<string>
  faults = 0

  constructor(config: BrokerConfig) {
    this.#beside = new Set(config.profile === 'sandbox' ? besideCheckout : [])
    const { state, log, run, www, etc } = config.roots
    this.#own = new Set([state, log, run, www, etc].map(path => resolve(path)))
  }

  get looked(): number {
    return this.#seen.size
  }

  /** Answers whether it is a directory that is worth entering. */
  async look(path: string, rule: Rule): Promise<boolean> {
    if (this.#seen.has(path)) return false
    const stats = await lstat(path).catch(() => undefined)
    this.#seen.add(path)
    if (!stats) {
      // What the broker makes when it needs it may be missing; what it was given may not.
      if (rule === 'guarded') this.#fault(path, 'missing')
      return false
    }
    if (stats.isSymbolicLink()) return false
    const fault = this.#faultOf(stats, rule)
    if (fault) this.#fault(path, fault, stats)
    return stats.isDirectory()
  }

  async walk(directory: string): Promise<void> {
    const left = (await this.look(directory, 'guarded')) ? [directory] : []
    for (let next = left.pop(); next !== undefined && this.looked < entriesAtMost; next = left.pop()) {
      const entries = await readdir(next).catch(() => [])
      const inside = entries.filter(entry => !this.#beside.has(entry)).map(entry => join(next, entry))
      const enterable = await Promise.all(inside.map(path => this.#own.has(path) || this.look(path, 'guarded')))
      left.push(...inside.filter((path, index) => enterable[index] && !this.#own.has(path)))
    }
  }

  #faultOf(stats: Stats, rule: Rule): PathFault['fault'] | undefined {
    const fault = this.#foreignOf(stats)
    if (fault) {
      // The panel's group connects to its socket, which is writing.
      if (rule !== 'private' || fault !== 'group' || !stats.isSocket()) return fault === 'owner' ? 'owner' : 'writable'
    }
    if (rule === 'secret' && stats.mode & 0o077) return 'readable'
    if (rule === 'private' && stats.mode & 0o007) return 'readable'
    return undefined
  }

  #foreignOf(stats: Stats): ReturnType<typeof foreign> {
    const key = `${stats.uid} ${stats.gid} ${stats.mode & 0o022}`
    if (!this.#foreign.has(key)) this.#foreign.set(key, foreign(stats))
    return this.#foreign.get(key)
  }

  #fault(path: string, fault: PathFault['fault'], stats?: Stats): void {
    this.faults++
    if (this.permissions.length >= shown) return
    const mode = stats ? (stats.mode & 0o7777).toString(8).padStart(4, '0') : ''
    this.permissions.push({ path, fault, mode, owner: stats ? nameOf(stats) : '' })
  }
}

function nameOf({ uid, gid }: Stats): string {
  return `${users().find(user => user.uid === uid)?.name ?? uid}:${groupName(gid)}`
}
