import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Every name below a directory with its kind, mode, owner and content. What goes while it is looked at is not there. */
export function treeOf(root: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const look = (path: string, name: string) => {
    const stats = lstatSync(path)
    const kind = `${(stats.mode & 0o177777).toString(8)} ${stats.uid}:${stats.gid}`
    if (stats.isDirectory()) {
      found.set(`${name}/`, kind)
      walk(path, `${name}/`)
    } else if (stats.isSymbolicLink()) found.set(name, `${kind} ${readlinkSync(path)}`)
    else if (stats.isFile()) found.set(name, `${kind} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`)
    else found.set(name, kind)
  }
  const walk = (directory: string, prefix: string) => {
    for (const name of readdirSync(directory).sort()) {
      try {
        look(`${directory}/${name}`, prefix + name)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
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
