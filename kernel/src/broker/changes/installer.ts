import {
  chmodSync,
  constants,
  fchmodSync,
  fchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import { open, readdir, unlink } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { syncDirectory } from '../state-file.js'
import type { Blobs } from './blobs.js'
import { linkTarget, readDisk, writeFailed } from './disk.js'
import { parallel } from './parallel.js'
import type { FileRecord, OpenBatch } from './records.js'

export interface Content {
  readonly path: string
  readonly bytes: Buffer | null
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** The bytes are those of a symbolic link, which is made instead of a file. */
  readonly link?: true
}

const own = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 }
/** What link(2) says where a hard link cannot be. */
const withoutLinks: readonly string[] = ['EPERM', 'ENOTSUP', 'EMLINK', 'EXDEV']
const leftover = /^\..+\.nusa-(?:new|old)-([0-9a-f]{16})$/

/** True for names that this module makes and no reader of configuration should see. */
export function isTransient(name: string): boolean {
  return leftover.test(name)
}

const beside = (path: string, kind: 'new' | 'old', batch: string) =>
  `${dirname(path)}/.${basename(path)}.nusa-${kind}-${batch}`

/** Runs a synchronous file system call whose failure names the path. */
function at<T>(path: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw writeFailed(path, error)
  }
}

function removeIfThere(path: string): boolean {
  try {
    unlinkSync(path)
    return true
  } catch (error) {
    // A read-only file system says so before it looks whether there is anything to remove.
    if (!lstatSync(path, { throwIfNoEntry: false })) return false
    throw error
  }
}

/** False when there is something in it. */
function removeIfEmpty(directory: string): boolean {
  try {
    rmdirSync(directory)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return true
    if (code === 'ENOTEMPTY') return false
    throw writeFailed(directory, error)
  }
}

function directoriesOf(paths: readonly string[]): string[] {
  return [...new Set(paths.map(path => dirname(path)))]
}

/**
 * Puts the files of a batch in place and takes them back. What was there stays beside as a second hard link until the
 * batch is closed, so that taking back needs no space on the disk.
 */
export class Installer {
  constructor(
    private readonly blobs: Blobs,
    private readonly warn: (message: string) => void,
  ) {}

  makeDirectories(directories: readonly string[]): void {
    for (const directory of directories) {
      at(directory, () => {
        mkdirSync(directory, { mode: 0o755 })
        // Whatever the umask: those who may read the files in it must get to them.
        chmodSync(directory, 0o755)
      })
      syncDirectory(dirname(directory))
    }
  }

  /**
   * Puts every new content beside its place, durable but not yet read by anybody.
   *
   * @param holder a file of the broker's own that holds the content already, written by nobody else
   * @throws write_failed
   */
  async stage(
    contents: readonly Content[],
    batch: string,
    holder: (path: string, bytes: Buffer) => string | undefined = () => undefined,
  ): Promise<void> {
    await parallel(contents, 32, async content => {
      const { path, bytes } = content
      if (!bytes) return
      const staged = beside(path, 'new', batch)
      if (content.link) return at(path, () => symlinkSync(linkTarget(bytes), staged))
      const held = holder(path, bytes)
      if (!held || !(await linkNew(held, staged, content))) await writeNew(staged, path, { ...content, bytes })
    })
  }

  /** Keeps the old files and renames the new ones into place. @param onFile called before each */
  swap(contents: readonly Content[], batch: string, onFile: () => void): void {
    for (const { path } of contents) keepOld(path, beside(path, 'old', batch))
    for (const { path, bytes } of contents) {
      onFile()
      if (bytes) at(path, () => renameSync(beside(path, 'new', batch), path))
      else at(path, () => removeIfThere(path))
    }
    this.#sync(contents.map(({ path }) => path))
  }

  /** Replaces one file that is in place already, durable. */
  async replace(content: Content & { readonly bytes: Buffer }, batch: string): Promise<void> {
    const staged = beside(content.path, 'new', batch)
    removeIfThere(staged)
    await writeNew(staged, content.path, content)
    at(content.path, () => renameSync(staged, content.path))
    this.#sync([content.path])
  }

  /**
   * Puts back what was there. A file that is neither as before nor as the batch left it was edited meanwhile: it is
   * left alone and will show as drift.
   */
  async restore(
    files: readonly FileRecord[],
    { batch, directories }: Pick<OpenBatch, 'batch' | 'directories'>,
  ): Promise<void> {
    for (const file of [...files].reverse()) await this.#restoreFile(file, batch)
    const present = files.filter(({ path }) => lstatSync(dirname(path), { throwIfNoEntry: false }))
    this.#sync(present.map(({ path }) => path))
    for (const directory of [...directories].reverse()) removeIfEmpty(directory)
  }

  /**
   * Removes the directories that held these files, where changes made them and nothing is left in them.
   *
   * @param made directories that changes made
   * @returns those that are gone now
   */
  prune(paths: readonly string[], made: ReadonlySet<string>): string[] {
    const gone: string[] = []
    for (const path of paths)
      for (let directory = dirname(path); made.has(directory); directory = dirname(directory)) {
        try {
          if (!removeIfEmpty(directory)) break
        } catch (error) {
          this.warn(`${directory} is empty and could not be removed: ${(error as Error).message}`)
          break
        }
        gone.push(directory)
      }
    return [...new Set(gone)]
  }

  /**
   * Lets go of the old files of a batch that is closed; the new ones were renamed or removed before. What is left, on a
   * disk that failed meanwhile, is swept at the next start.
   */
  forget(files: readonly Pick<FileRecord, 'path' | 'before'>[], batch: string): void {
    for (const { path, before } of files) {
      try {
        if (before !== null) removeIfThere(beside(path, 'old', batch))
      } catch (error) {
        this.warn(`what batch ${batch} replaced lies beside ${path}: ${(error as Error).message}`)
      }
    }
  }

  /** Removes what a crash left beside managed files, except of batches that are still open. */
  async sweep(directories: Iterable<string>, open: ReadonlySet<string>): Promise<void> {
    for (const directory of directories)
      for (const name of await readdir(directory).catch(() => [])) {
        const batch = leftover.exec(name)?.[1]
        if (batch && !open.has(batch)) await unlink(`${directory}/${name}`).catch(() => {})
      }
  }

  async #restoreFile(file: FileRecord, batch: string): Promise<void> {
    const { path, before, after } = file
    const kept = beside(path, 'old', batch)
    removeIfThere(beside(path, 'new', batch))
    const disk = await readDisk(path, { links: file.mayBeLink ?? false })
    const now = disk?.sha ?? null
    if (now !== before) {
      if (file.file !== '' && now !== after)
        this.warn(`${path} was edited while a change was under way; it is left as it is`)
      else if (before === null) at(path, () => removeIfThere(path))
      else if (lstatSync(kept, { throwIfNoEntry: false })) at(path, () => renameSync(kept, path))
      else {
        const { mode = 0o600, uid = own.uid, gid = own.gid } = file
        const staged = beside(path, 'new', batch)
        const bytes = await this.blobs.get(before)
        if (file.linkBefore) at(path, () => symlinkSync(linkTarget(bytes), staged))
        else await writeNew(staged, path, { path, bytes, mode, uid, gid })
        at(path, () => renameSync(staged, path))
      }
    }
    // Renaming one hard link over the other does nothing, so it may still be there.
    removeIfThere(kept)
  }

  #sync(paths: readonly string[]): void {
    for (const directory of directoriesOf(paths)) at(directory, () => syncDirectory(directory))
  }
}

/**
 * Gives the held file a second name and makes it durable with its final owner and mode. False when the file system does
 * not let it: another one, or one without hard links.
 */
async function linkNew(held: string, staged: string, { path, mode, uid, gid }: Content): Promise<boolean> {
  try {
    linkSync(held, staged)
  } catch (error) {
    if (withoutLinks.includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw writeFailed(path, error)
  }
  try {
    const file = await open(staged, constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      if (uid !== own.uid || gid !== own.gid) fchownSync(file.fd, uid, gid)
      fchmodSync(file.fd, mode)
      await file.sync()
    } finally {
      await file.close()
    }
    return true
  } catch (error) {
    throw writeFailed(path, error)
  }
}

async function writeNew(
  staged: string,
  path: string,
  { bytes, mode, uid, gid }: Content & { readonly bytes: Buffer },
): Promise<void> {
  try {
    const file = await open(staged, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
      if (uid !== own.uid || gid !== own.gid) await file.chown(uid, gid)
      await file.chmod(mode)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    throw writeFailed(path, error)
  }
}

function keepOld(path: string, kept: string): void {
  try {
    linkSync(path, kept)
  } catch (error) {
    // No file, or a file system without hard links: then the stored content serves.
    if (!['ENOENT', ...withoutLinks].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw writeFailed(path, error)
  }
}
