import { stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Room on the file system of a path. */
export interface Room {
  /** Tells file systems apart. */
  readonly device: number
  /** What an unprivileged user may still write. */
  readonly freeBytes: number
  readonly bytes: number
  readonly freeInodes: number
  /** 0 where the file system has no fixed number of them. */
  readonly inodes: number
}

/** Of the path, or of the nearest directory above it that exists. */
export async function roomAt(path: string): Promise<Room> {
  try {
    const [{ dev }, { bavail, blocks, bsize, ffree, files }] = await Promise.all([stat(path), statfs(path)])
    return { device: dev, freeBytes: bavail * bsize, bytes: blocks * bsize, freeInodes: ffree, inodes: files }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || path === dirname(path)) throw error
    return roomAt(dirname(path))
  }
}
