import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/**
 * The version that counts in `<store>/<id>/<version>`: the newest by semver (semver.org §11), whatever else stands
 * beside it. Panel and broker both ask here, so that the code that runs is the code whose privileges were read. No file
 * of the panel has a say in it: what stands in the store is decided by whoever may write there, which is root.
 *
 * @param names directories in `<store>/<id>`; those that are no plain version do not count
 */
export function newestVersion(names: readonly string[]): string | undefined {
  // Two functions of the package, loaded when a store is first read: the broker stays small.
  const valid = require('semver/functions/valid') as (version: string) => string | null
  const rcompare = require('semver/functions/rcompare') as (a: string, b: string) => number
  return names.filter(name => valid(name) === name).sort(rcompare)[0]
}

/**
 * Where the plugin of this name stands below one of `pluginDirs`: in `<parent>/<id>` when that holds a package, else in
 * the newest version below it.
 */
export function pluginDirectory(parent: string, id: string): string {
  const directory = `${parent}/${id}`
  if (filesIn(directory).includes('package.json')) return directory
  const version = newestVersion(directoriesIn(directory))
  return version === undefined ? directory : `${directory}/${version}`
}

/** Sorted; links to directories count. */
export function directoriesIn(directory: string): readonly string[] {
  return list(directory)
    .filter(entry => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
    .map(entry => entry.name)
    .sort()
}

export function filesIn(directory: string): readonly string[] {
  return list(directory)
    .filter(entry => !entry.isDirectory())
    .map(entry => entry.name)
}

/** Empty for what is no directory that can be read. */
function list(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return []
    throw error
  }
}
