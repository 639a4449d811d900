import { access, readdir, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Problem } from '@nusantara/sdk'
import { newestVersion } from '../broker/policy/layout.js'
import { PluginDuplicate } from './errors.js'
import { type Manifest, readManifest } from './manifest.js'

/** A directory that holds a plugin, usable or not. */
export type Found =
  | { readonly id: string; readonly directory: string; readonly bundled: boolean; readonly manifest: Manifest }
  | { readonly id: string; readonly directory: string; readonly bundled: boolean; readonly rejected: Problem }

/**
 * Looks for plugins: `<dir>/<name>/package.json`, and `<dir>/<id>/<version>/package.json` in a store, where the newest
 * version counts. Earlier directories win; a second plugin of the same id is named and passed over.
 *
 * @param directories `pluginDirs` of the configuration; the first one came with the panel
 */
export async function discover(directories: readonly string[]): Promise<Found[]> {
  const found = new Map<string, Found>()
  const duplicates: Found[] = []
  for (const [index, parent] of directories.entries()) {
    for (const directory of await candidates(parent)) {
      const plugin = await inspect(directory, index === 0)
      if (!found.has(plugin.id)) found.set(plugin.id, plugin)
      else if ((await realpath(directory)) !== (await realpath(found.get(plugin.id)?.directory ?? directory))) {
        const rejected = PluginDuplicate({ plugin: plugin.id, directory: found.get(plugin.id)?.directory ?? '' })
        duplicates.push({ id: `${plugin.id} (${directory})`, directory, bundled: false, rejected })
      }
    }
  }
  return [...found.values(), ...duplicates]
}

async function inspect(directory: string, bundled: boolean): Promise<Found> {
  try {
    const manifest = await readManifest(directory)
    return { id: manifest.id, directory, bundled, manifest }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const named = error.params.plugin
    const id = typeof named === 'string' && named !== directory ? named : basename(directory)
    return { id, directory, bundled, rejected: error }
  }
}

async function candidates(parent: string): Promise<string[]> {
  const names = await list(parent)
  const directories = await Promise.all(
    names.map(async name => {
      const directory = join(parent, name)
      if (await exists(join(directory, 'package.json'))) return directory
      const version = newestVersion(await list(directory))
      return version === undefined ? undefined : join(directory, version)
    }),
  )
  return directories.filter(directory => directory !== undefined)
}

async function list(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true })
    return entries
      .filter(entry => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
      .map(entry => entry.name)
      .sort()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
