import {
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { linkTarget } from './disk.js'
import { isTransient } from './installer.js'
import { relocate } from './relocate.js'

const maxEntries = 100_000

/** Where contents stand that are to be checked. */
export interface Stage {
  /** @param own files of the service that are live now */
  sync(own: readonly string[]): void
  /** @param link the bytes are those of a symbolic link */
  put(path: string, bytes: Buffer | null, link?: true): void
  revert(path: string): void
  contains(path: string): boolean
  /**
   * Where this very buffer stands, byte for byte, since it was put: for whoever would rather link it than write it
   * again. Undefined when another one was put since, or when the stage holds it changed.
   */
  holder(path: string, bytes: Buffer): string | undefined
  moved(text: string): string
  named(text: string): string
}

/**
 * A second tree of a service's configuration in which a change can be checked before anything live is touched. It stays
 * between changes and is brought in line with the live one by comparing inodes: unchanged files are hard links, so a
 * thousand of them cost a thousand lstat calls. Files that name the live directory are copied with the name replaced.
 *
 * Never written through: an entry is removed before it is made again, else a link would change the live file.
 */
export class StagedTree implements Stage {
  /** Live path → what the entry was made from; absent for entries that hold a staged content. */
  readonly #made = new Map<string, string>()
  /** What was put and not reverted. */
  readonly #put = new Map<string, WeakRef<Buffer>>()
  #fresh = true

  /**
   * @param live absolute directory
   * @param staged absolute directory that stands for it
   */
  constructor(
    readonly live: string,
    readonly staged: string,
  ) {}

  /** Brings the tree in line with the live one. */
  sync(): void {
    this.#put.clear()
    if (this.#fresh) {
      rmSync(this.staged, { recursive: true, force: true })
      this.#made.clear()
      mkdirSync(this.staged, { recursive: true, mode: 0o700 })
      this.#fresh = false
    }
    const seen = new Set<string>()
    // A service that was never configured has no directory yet.
    if (lstatSync(this.live, { throwIfNoEntry: false })) this.#walk(this.live, seen)
    for (const path of [...this.#made.keys()].reverse())
      if (!seen.has(path)) {
        rmSync(this.map(path), { recursive: true, force: true })
        this.#made.delete(path)
      }
  }

  /** Stages a content, or the absence of a file, over what is live. */
  put(path: string, bytes: Buffer | null, link?: true): void {
    const target = this.map(path)
    remove(target)
    // Not in line with the live file any more: the next sync looks whether it has become that file.
    this.#made.set(path, '')
    this.#put.delete(path)
    if (!bytes) return
    if (link) {
      symlinkSync(relocate(linkTarget(bytes), this.live, this.staged), target)
      return
    }
    const relocated = this.#relocated(bytes)
    writeNew(target, relocated)
    if (relocated === bytes) this.#put.set(path, new WeakRef(bytes))
  }

  holder(path: string, bytes: Buffer): string | undefined {
    return this.#put.get(path)?.deref() === bytes ? this.map(path) : undefined
  }

  /** Takes a staged content back. */
  revert(path: string): void {
    remove(this.map(path))
    this.#made.delete(path)
    this.#put.delete(path)
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats) this.#entry(path, stats)
  }

  contains(path: string): boolean {
    return path.startsWith(`${this.live}/`)
  }

  private map(path: string): string {
    return `${this.staged}${path.slice(this.live.length)}`
  }

  /** Text or bytes in which the live directory is named, for readers of the staged one. */
  moved(text: string): string {
    return relocate(text, this.live, this.staged)
  }

  /** The other way round, for people. */
  named(text: string): string {
    return text.replaceAll(this.staged, this.live)
  }

  #relocated(bytes: Buffer): Buffer {
    const bytesOf = (path: string) => Buffer.from(path).toString('latin1')
    if (!bytes.includes(this.live)) return bytes
    return Buffer.from(relocate(bytes.toString('latin1'), bytesOf(this.live), bytesOf(this.staged)), 'latin1')
  }

  #walk(directory: string, seen: Set<string>): void {
    for (const name of readdirSync(directory).sort()) {
      if (isTransient(name)) continue
      const path = `${directory}/${name}`
      if (seen.size >= maxEntries) throw new Error(`${this.live} holds more than ${maxEntries} entries`)
      const stats = lstatSync(path, { throwIfNoEntry: false })
      if (!stats) continue
      seen.add(path)
      this.#entry(path, stats)
      if (stats.isDirectory()) this.#walk(path, seen)
    }
  }

  #entry(path: string, stats: Stats): void {
    const source = stats.isDirectory() ? 'directory' : `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}`
    const made = this.#made.get(path)
    if (made === source) return
    const target = this.map(path)
    if (made === '' && isSameFile(stats, target)) {
      this.#made.set(path, source)
      return
    }
    rmSync(target, { recursive: true, force: true })
    if (stats.isDirectory()) mkdirSync(target, { mode: 0o700 })
    else if (stats.isSymbolicLink()) symlinkSync(relocate(readlinkSync(path), this.live, this.staged), target)
    else if (stats.isFile()) this.#file(path, target)
    this.#made.set(path, source)
  }

  #file(path: string, target: string): void {
    const bytes = readFileSync(path)
    if (bytes.includes(this.live)) {
      writeFileSync(target, this.#relocated(bytes), { flag: 'wx', mode: 0o600 })
      return
    }
    try {
      linkSync(path, target)
    } catch {
      // Another file system, or one without hard links.
      remove(target)
      copyFileSync(path, target)
    }
  }
}

/** Whether a staged content was linked into its place: then it is the live file. */
function isSameFile({ dev, ino }: Stats, target: string): boolean {
  const staged = lstatSync(target, { throwIfNoEntry: false })
  return staged?.dev === dev && staged.ino === ino
}

/** Its directory is there almost always: it is made when it turns out that it is not. */
function writeNew(target: string, bytes: Buffer): void {
  const write = () => writeFileSync(target, bytes, { flag: 'wx', mode: 0o600 })
  try {
    write()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
    write()
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
