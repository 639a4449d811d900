import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import { KeyFileExposed, KeyFileUnusable } from './errors.js'
import { giveToOwner } from './owner.js'

/**
 * Reads a secret file, making it first when there is none. Read synchronously: it is small and needed before anything
 * else. The new file appears whole or not at all, and two processes that start together agree on one.
 *
 * @param make answers the content of a new file
 * @throws KeyFileExposed when group or others may read it, KeyFileUnusable when it cannot be read or made
 */
export function keyFile(path: string, make: () => Buffer): Buffer {
  try {
    return read(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unusable(path, error)
  }
  try {
    create(path, make())
    return read(path)
  } catch (error) {
    throw unusable(path, error)
  }
}

/** `bytes` random bytes that stay the same for this installation. */
export function randomKeyFile(path: string, bytes = 32): Buffer {
  const key = keyFile(path, () => randomBytes(bytes))
  if (key.length !== bytes) throw KeyFileUnusable({ file: basename(path), reason: `${key.length} bytes, not ${bytes}` })
  return key
}

function read(path: string): Buffer {
  const mode = statSync(path).mode & 0o777
  if (mode & 0o077) throw KeyFileExposed({ file: path, mode: mode.toString(8) })
  return readFileSync(path)
}

function create(path: string, content: Buffer): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`
  const file = openSync(temporary, 'wx', 0o600)
  try {
    fchmodSync(file, 0o600)
    giveToOwner(file, dirname(path))
    writeSync(file, content)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  try {
    // Unlike rename, link refuses to replace what another process made meanwhile.
    linkSync(temporary, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    unlinkSync(temporary)
  }
}

function unusable(path: string, error: unknown): Error {
  if (KeyFileExposed.is(error)) return error
  return KeyFileUnusable({ file: basename(path), reason: (error as Error).message }, { cause: error })
}
