import { createHash, randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { mkdir, open, readFile, rename, rm, unlink } from 'node:fs/promises'
import { syncDirectory } from '../state-file.js'
import { parallel } from './parallel.js'

export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** File contents by their SHA-256, so that what a change replaced can be put back. */
export class Blobs {
  readonly #known: Set<string>
  /** Those of the known that survive a power failure. */
  readonly #durable = new Set<string>()

  private constructor(private readonly directory: string) {
    const names = readdirSync(directory)
    this.#known = new Set(names.filter(name => /^[0-9a-f]{64}$/.test(name)))
    for (const name of names) if (name.endsWith('.new')) void rm(`${directory}/${name}`, { force: true })
  }

  static async open(directory: string): Promise<Blobs> {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    return new Blobs(directory)
  }

  /**
   * Keeps contents. `durable`: on the disk when the promise resolves, which what a batch replaces must be; what it
   * writes may follow, because it is made durable when a later batch replaces it.
   */
  async put(contents: readonly Buffer[], durable: boolean): Promise<void> {
    const wanted = new Map(contents.map(bytes => [sha256(bytes), bytes]))
    const done = durable ? this.#durable : this.#known
    const missing = [...wanted].filter(([sha]) => !done.has(sha))
    if (!missing.length) return
    await parallel(missing, 32, async ([sha, bytes]) => {
      if (this.#known.has(sha)) await syncFile(`${this.directory}/${sha}`)
      else await this.#write(sha, bytes, durable)
    })
    if (durable) syncDirectory(this.directory)
    for (const [sha] of missing) {
      this.#known.add(sha)
      if (durable) this.#durable.add(sha)
    }
  }

  async #write(sha: string, bytes: Buffer, durable: boolean): Promise<void> {
    const staged = `${this.directory}/${sha}.${randomBytes(4).toString('hex')}.new`
    const file = await open(staged, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
      if (durable) await file.sync()
    } catch (error) {
      await unlink(staged).catch(() => {})
      throw error
    } finally {
      await file.close()
    }
    await rename(staged, `${this.directory}/${sha}`)
  }

  has(sha: string): boolean {
    return this.#known.has(sha)
  }

  /** @throws when the content is gone or damaged */
  async get(sha: string): Promise<Buffer> {
    const bytes = await readFile(`${this.directory}/${sha}`)
    if (sha256(bytes) !== sha) throw new Error(`stored content ${sha} is damaged`)
    return bytes
  }

  /** Removes what nobody refers to any more. */
  async keep(wanted: ReadonlySet<string>): Promise<void> {
    for (const sha of [...this.#known]) {
      if (wanted.has(sha)) continue
      this.#known.delete(sha)
      this.#durable.delete(sha)
      await unlink(`${this.directory}/${sha}`).catch(() => {})
    }
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
