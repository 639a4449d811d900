import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PluginManifest } from '../plugin.js'

export type Catalogue = Readonly<Record<string, string>>

export async function readManifestFile(directory: string): Promise<PluginManifest> {
  const file = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as { nusantara: PluginManifest }
  return file.nusantara
}

/** The plugin's texts by language; empty when it has none. */
export async function readCatalogues(directory: string): Promise<Readonly<Record<string, Catalogue>>> {
  const catalogues: Record<string, Catalogue> = {}
  for (const file of await list(join(directory, 'locales'))) {
    if (!/^[a-z]{2}\.json$/.test(file)) continue
    catalogues[file.slice(0, 2)] = JSON.parse(await readFile(join(directory, 'locales', file), 'utf8')) as Catalogue
  }
  return catalogues
}

/** Keys of the catalogue that the compiled code names: its problems with their remedies, and its messages. */
export async function usedKeys(directory: string, id: string): Promise<string[]> {
  const keys = new Set<string>()
  const files = (await list(join(directory, 'dist'), true)).filter(
    file => /\.js$/.test(file) && !/\.test\.js$/.test(file),
  )
  for (const file of files) {
    const code = await readFile(join(directory, 'dist', file), 'utf8')
    for (const [, problem] of code.matchAll(/defineProblem\(\s*['"]([^'"]+)['"]/g)) {
      keys.add(`problem.${problem}`).add(`problem.${problem}.remedy`)
    }
    for (const [, key] of code.matchAll(/(?:summary|title|detail|kind):\s*\{\s*code:\s*['"]([^'"]+)['"]/g)) {
      if (key) keys.add(key)
    }
    for (const [, key] of code.matchAll(/\bnotify\(\s*\{\s*code:\s*['"]([^'"]+)['"]/g)) if (key) keys.add(key)
    for (const [, key] of code.matchAll(/\bt\(\s*['"]([\w.-]+)['"]/g)) if (key?.startsWith(`${id}.`)) keys.add(key)
  }
  return [...keys].sort()
}

async function list(directory: string, recursive = false): Promise<string[]> {
  try {
    return await readdir(directory, { recursive })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
