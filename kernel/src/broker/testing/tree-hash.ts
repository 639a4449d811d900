import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Every name below a directory with its kind, mode, owner and content. */
export function treeOf(root: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const walk = (directory: string, prefix: string) => {
    for (const name of readdirSync(directory).sort()) {
      const path = `${directory}/${name}`
      const stats = lstatSync(path)
      const kind = `${(stats.mode & 0o177777).toString(8)} ${stats.uid}:${stats.gid}`
      if (stats.isDirectory()) {
        found.set(`${prefix}${name}/`, kind)
        walk(path, `${prefix}${name}/`)
      } else if (stats.isSymbolicLink()) found.set(prefix + name, `${kind} ${readlinkSync(path)}`)
      else if (stats.isFile())
        found.set(prefix + name, `${kind} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`)
      else found.set(prefix + name, kind)
    }
  }
  walk(root, '')
  return found
}

/** Names that differ between two trees. */
export function treeDifference(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter(name => before.get(name) !== after.get(name)).sort()
}
