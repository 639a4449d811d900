import { createHash } from 'node:crypto'
import { lstatSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type DiskFile, linkTarget } from './disk.js'

const statusFile = '/var/lib/dpkg/status'
const maxBytes = 1024 * 1024

/**
 * Whether a file is as an installed package brought it: a configuration file with the content that dpkg(1) noted, or a link
 * by which a distribution enables one. Then it is nobody's edit, and a change may replace or remove it as planned.
 *
 * @param status dpkg's list of what is installed
 */
export function isAsGiven(path: string, disk: DiskFile, status = statusFile): boolean {
  const target = disk.link ? resolve(dirname(path), linkTarget(disk.bytes)) : path
  const expected = shippedHash(target, status)
  const bytes = expected !== undefined && (disk.link ? plainFile(target) : disk.bytes)
  return bytes ? createHash('md5').update(bytes).digest('hex') === expected : false
}

/** In the paragraph of a package: ` /etc/path md5`, with `obsolete` behind when the package has it no more. */
function shippedHash(path: string, status: string): string | undefined {
  let text: string
  try {
    text = readFileSync(status, 'utf8')
  } catch {
    return undefined
  }
  const at = text.indexOf(`\n ${path} `)
  return at < 0 ? undefined : /^[0-9a-f]{32}/.exec(text.slice(at + path.length + 3, at + path.length + 35))?.[0]
}

function plainFile(path: string): Buffer | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  return stats?.isFile() && stats.size <= maxBytes ? readFileSync(path) : undefined
}
