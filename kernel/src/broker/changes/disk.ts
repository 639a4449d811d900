import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, readlinkSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import { PathUnsafe, WriteFailed } from '../errors.js'
import { sha256 } from './blobs.js'

/** A managed file as it stands on the disk. */
export interface DiskFile {
  readonly bytes: Buffer
  readonly sha: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Changes whenever the file is replaced or written to. */
  readonly version: string
  /** A symbolic link stands at the path; the bytes say where it leads, see {@link linkText}. */
  readonly link?: true
}

const maxBytes = 16 * 1024 * 1024

function versionOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return `${dev}:${ino}:${size}:${mtimeMs}:${ctimeMs}`
}

const linkPrefix = 'symbolic link to '

/** A symbolic link as content: what is compared, kept and shown of it. */
export function linkText(target: string): Buffer {
  return Buffer.from(`${linkPrefix}${target}\n`)
}

/** Where a link leads whose content this is. */
export function linkTarget(text: Buffer): string {
  return text.subarray(linkPrefix.length, -1).toString('utf8')
}

/**
 * Reads a managed file without following a link at its name. Null when there is none. Read at once and not in the
 * thread pool: such files are small and mostly in the page cache, where the way through the pool takes ten times as long.
 *
 * @param options.links answers a symbolic link as such instead of refusing it
 * @throws write_failed when something else than a regular file stands there
 */
export async function readDisk(path: string, options: { readonly links?: boolean } = {}): Promise<DiskFile | null> {
  if (options.links) {
    const link = readLink(path)
    if (link) return link
  }
  const file = openForReading(path)
  if (file === null) return null
  try {
    const stats = fstatSync(file)
    if (!stats.isFile()) throw WriteFailed({ path, cause: 'is not a regular file' })
    if (stats.size > maxBytes) throw WriteFailed({ path, cause: `is larger than ${maxBytes} bytes` })
    const bytes = readFileSync(file)
    return {
      bytes,
      sha: sha256(bytes),
      mode: stats.mode & 0o7777,
      uid: stats.uid,
      gid: stats.gid,
      version: versionOf(stats),
    }
  } finally {
    closeSync(file)
  }
}

function readLink(path: string): DiskFile | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (!stats?.isSymbolicLink()) return undefined
  const bytes = linkText(readlinkSync(path))
  const { uid, gid } = stats
  return { bytes, sha: sha256(bytes), mode: 0o777, uid, gid, version: versionOf(stats), link: true }
}

function openForReading(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw writeFailed(path, error)
  }
}

/** The version of the file now, null when there is none; links are not followed. */
export function diskVersion(path: string): string | null {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  return stats ? versionOf(stats) : null
}

/** The error of a file system call, in words that name the path. */
export function writeFailed(path: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException
  const cause =
    code === 'ELOOP'
      ? 'is a symbolic link'
      : code
        ? `${code}: ${message.replace(/^[A-Z]+: /, '').split(',')[0]}`
        : message
  return WriteFailed({ path, cause }, { cause: error as Error })
}

/**
 * Every directory from a host root down to the file must be a real directory that nobody but root (or the broker's own
 * user) can change: otherwise whoever can would choose where root writes.
 *
 * @param roots host roots, absolute
 * @returns directories that do not exist yet, outermost first
 * @throws path_unsafe
 */
export function guardPath(path: string, roots: readonly string[]): string[] {
  const root = roots.find(each => path.startsWith(`${each}/`))
  if (!root) throw PathUnsafe({ path, reason: 'lies below no host root' })
  const own = process.geteuid?.() ?? 0
  const missing: string[] = []
  let directory = root
  for (const segment of ['', ...dirname(path).slice(root.length).split('/').filter(Boolean)]) {
    if (segment) directory += `/${segment}`
    const stats = lstatSync(directory, { throwIfNoEntry: false })
    if (!stats) {
      missing.push(directory)
      continue
    }
    if (!stats.isDirectory()) throw PathUnsafe({ path: directory, reason: 'is not a directory' })
    if (stats.uid !== 0 && stats.uid !== own)
      throw PathUnsafe({ path: directory, reason: 'belongs to another user than root' })
    if (stats.mode & 0o022)
      throw PathUnsafe({ path: directory, reason: 'is writable by others than its owner; chmod go-w it' })
  }
  return missing
}
