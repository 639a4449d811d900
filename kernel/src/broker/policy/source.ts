import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { groups, users } from '../users.js'
import { directoriesIn, filesIn, pluginDirectory } from './layout.js'

/** A plugin directory that holds a manifest. */
export interface ManifestSource {
  readonly plugin: string
  readonly directory: string
  /** Shipped beside the kernel, so approved with it. */
  readonly firstParty: boolean
}

const maxBytes = 1024 * 1024

/** Plugins with a `privileges.json`, in the order of the configuration; the first of a name counts. */
export function findManifests(pluginDirs: readonly string[]): readonly ManifestSource[] {
  const found = new Map<string, ManifestSource>()
  for (const [index, parent] of pluginDirs.entries()) {
    for (const plugin of directoriesIn(parent)) {
      if (!/^[a-z][a-z0-9-]{0,40}$/.test(plugin) || found.has(plugin)) continue
      const directory = pluginDirectory(parent, plugin)
      if (filesIn(directory).includes('privileges.json'))
        found.set(plugin, { plugin, directory, firstParty: index === 0 })
    }
  }
  return [...found.values()]
}

/** Reads a file of a manifest through one descriptor: what is checked is what is read. @throws Error with the reason */
export function readGuarded(file: string): Buffer {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stats = fstatSync(descriptor)
    if (!stats.isFile()) throw new Error(`${file} is not a regular file`)
    if (stats.size > maxBytes) throw new Error(`${file} is larger than ${maxBytes} bytes`)
    refuseForeign(file, stats)
    return readFileSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** The directory decides which files stand in it, so it is guarded like them. @throws Error with the reason */
export function guardDirectory(directory: string): void {
  refuseForeign(directory, statSync(directory))
}

/**
 * Guards every directory that decides which manifest is found: in a store, from the root of the file system down to the
 * plugin, by the names in the configuration and by those that links lead to. What came with the kernel needs that no
 * more than the kernel does.
 *
 * @throws Error with the reason
 */
export function guardSource({ directory, firstParty }: ManifestSource): void {
  guardDirectory(directory)
  if (firstParty) return
  for (const path of new Set([directory, realpathSync(directory)]))
    for (let above = dirname(path); ; above = dirname(above)) {
      const stats = statSync(above)
      // In a sticky directory such as /tmp nobody renames what is another's.
      if (!(stats.mode & 0o1000)) refuseForeign(above, stats)
      if (above === dirname(above)) break
    }
}

/** A digest over `privileges.json` and its grammar files, in the order of their names. */
export function digestOf(files: ReadonlyMap<string, Buffer>): string {
  const hash = createHash('sha256')
  for (const [name, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${name}\0${bytes.length}\0`).update(bytes)
  return hash.digest('hex')
}

/** @throws Error with the reason */
function refuseForeign(file: string, stats: Stats): void {
  const fault = foreign(stats)
  if (fault === 'owner')
    throw new Error(
      `${file} belongs to user ${stats.uid}; it must belong to root or to the owner of the panel's programs`,
    )
  if (fault === 'everybody') throw new Error(`${file} is writable by everybody; run chmod o-w on it`)
  if (fault === 'group') throw new Error(`${file} is writable by group ${stats.gid}; run chmod g-w on it`)
}

/**
 * Who else can change the file, if anybody. The rightful owner is root, the broker's own user, or whoever owns the broker's
 * program: the last could change the broker itself. Group write is harmless only where the group is the owner alone.
 */
export function foreign(stats: Stats): 'owner' | 'everybody' | 'group' | undefined {
  const owners = [0, process.geteuid?.() ?? 0, statSync(fileURLToPath(import.meta.url)).uid]
  if (!owners.includes(stats.uid)) return 'owner'
  if (stats.mode & 0o002) return 'everybody'
  if (stats.mode & 0o020 && !isPrivateGroup(stats)) return 'group'
  return undefined
}

function isPrivateGroup({ uid, gid }: Stats): boolean {
  if (gid === 0 && uid === 0) return true
  const owner = users().find(user => user.uid === uid)
  const group = groups().find(entry => entry.gid === gid)
  if (!owner || !group || owner.name !== group.name) return false
  return (
    group.members.every(member => member === owner.name) && users().every(user => user.gid !== gid || user.uid === uid)
  )
}
