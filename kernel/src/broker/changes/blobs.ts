import { createHash, randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { syncDirectory } from '../state-file.js'

export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

interface Place {
  readonly pack: string
  readonly offset: number
  readonly size: number
}

/** A pack is written anew when less than this share of it is wanted. */
const worthKeeping = 0.25
const packName = /^[0-9a-f]{16}\.pack$/
const headerPiece = 64 * 1024

/**
 * File contents by their SHA-256, so that what a change replaced can be put back. The contents of one batch share one
 * file, a pack: a line of JSON that lists digests and sizes, then the bytes. A thousand small files cost a thousand
 * times what one costs, above all on a disk that must make them durable.
 */
export class Blobs {
  readonly #places = new Map<string, Place>()
  readonly #packs = new Map<string, readonly string[]>()
  /** Contents that a batch under way counts on. */
  readonly #held = new Map<string, number>()
  #keeping: Promise<void> = Promise.resolve()

  private constructor(
    private readonly directory: string,
    private readonly warn: (message: string) => void,
  ) {}

  /** @param warn is told of packs that are damaged, whose contents count as not kept, and of those that cannot be thinned out */
  static async open(directory: string, warn: (message: string) => void): Promise<Blobs> {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const blobs = new Blobs(directory, warn)
    for (const name of readdirSync(directory)) {
      if (name.endsWith('.new')) await rm(`${directory}/${name}`, { force: true })
      if (!packName.test(name)) continue
      try {
        blobs.#index(name, await readHeader(`${directory}/${name}`))
      } catch (error) {
        warn(`${directory}/${name} is damaged, what it holds cannot be put back: ${(error as Error).message}`)
      }
    }
    return blobs
  }

  /**
   * Keeps contents; they are durable when the promise resolves.
   *
   * @returns lets go of them: until then they stay, whether anybody refers to them or not
   */
  async put(contents: readonly Buffer[]): Promise<() => void> {
    const wanted = new Map(contents.map(bytes => [sha256(bytes), bytes]))
    for (const sha of wanted.keys()) this.#held.set(sha, (this.#held.get(sha) ?? 0) + 1)
    const release = () => {
      for (const sha of wanted.keys()) {
        const left = (this.#held.get(sha) ?? 1) - 1
        if (left) this.#held.set(sha, left)
        else this.#held.delete(sha)
      }
      wanted.clear()
    }
    try {
      await this.#write([...wanted].filter(([sha]) => !this.#places.has(sha)))
      return release
    } catch (error) {
      release()
      throw error
    }
  }

  has(sha: string): boolean {
    return this.#places.has(sha)
  }

  /** @throws when the content is gone or damaged */
  async get(sha: string): Promise<Buffer> {
    const place = this.#places.get(sha)
    if (!place) throw new Error(`the content ${sha} is not kept any more`)
    const { pack, offset, size } = place
    const bytes = Buffer.alloc(size)
    try {
      const file = await open(`${this.directory}/${pack}`, 'r')
      try {
        await file.read(bytes, 0, size, offset)
      } finally {
        await file.close()
      }
    } catch (error) {
      // Moved to another pack meanwhile.
      if (this.#places.get(sha) !== place) return this.get(sha)
      throw error
    }
    if (sha256(bytes) !== sha) throw new Error(`the stored content ${sha} is damaged`)
    return bytes
  }

  /**
   * Removes what nobody refers to any more. A pack that cannot be read or replaced stays as it is.
   *
   * @param wanted says what somebody refers to at this moment, besides what is held
   */
  keep(wanted: () => ReadonlySet<string>): Promise<void> {
    const done = this.#keeping.then(() => this.#keep(wanted))
    this.#keeping = done.catch(() => {})
    return done
  }

  async #keep(wanted: () => ReadonlySet<string>): Promise<void> {
    const atFirst = wanted()
    for (const pack of [...this.#packs.keys()])
      await this.#thinOut(pack, atFirst, wanted).catch(error =>
        this.warn(`${this.directory}/${pack} holds more than is needed, and stays: ${(error as Error).message}`),
      )
  }

  async #thinOut(pack: string, atFirst: ReadonlySet<string>, wanted: () => ReadonlySet<string>): Promise<void> {
    const shas = this.#packs.get(pack) ?? []
    const needed = (by: ReadonlySet<string>) =>
      shas.filter(sha => this.#places.get(sha)?.pack === pack && (by.has(sha) || this.#held.has(sha)))
    const bytes = (list: readonly string[]) => list.reduce((sum, sha) => sum + (this.#places.get(sha)?.size ?? 0), 0)
    const kept = needed(atFirst)
    if (kept.length && kept.length >= shas.length * worthKeeping) return
    if (kept.length && bytes(kept) >= bytes(shas) * worthKeeping) return
    // Written before it is removed: a crash between leaves them twice.
    if (kept.length) await this.#write(await Promise.all(kept.map(async sha => [sha, await this.get(sha)] as const)))
    // Asked again, and acted on in the same turn: a batch may count on a content since that nobody wanted before.
    if (needed(wanted()).length) return
    this.#packs.delete(pack)
    for (const sha of shas) if (this.#places.get(sha)?.pack === pack) this.#places.delete(sha)
    await rm(`${this.directory}/${pack}`, { force: true })
  }

  async #write(contents: readonly (readonly [string, Buffer])[]): Promise<void> {
    if (!contents.length) return
    const entries = contents.map(([sha, { length }]) => [sha, length] as const)
    const header = Buffer.from(`${JSON.stringify(entries)}\n`)
    const pack = `${randomBytes(8).toString('hex')}.pack`
    const path = `${this.directory}/${pack}`
    try {
      const file = await open(`${path}.new`, 'wx', 0o600)
      try {
        await file.writeFile(Buffer.concat([header, ...contents.map(([, bytes]) => bytes)]))
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(`${path}.new`, path)
    } catch (error) {
      await rm(`${path}.new`, { force: true }).catch(() => {})
      throw error
    }
    syncDirectory(this.directory)
    this.#index(pack, { entries, offset: header.length })
  }

  #index(pack: string, { entries, offset }: Header): void {
    this.#packs.set(
      pack,
      entries.map(([sha]) => sha),
    )
    for (const [sha, size] of entries) {
      this.#places.set(sha, { pack, offset, size })
      offset += size
    }
  }
}

interface Header {
  readonly entries: readonly (readonly [sha: string, size: number])[]
  /** Where the contents begin. */
  readonly offset: number
}

async function readHeader(path: string): Promise<Header> {
  const file = await open(path, 'r')
  try {
    const pieces: Buffer[] = []
    for (let read = 0; ; ) {
      const piece = Buffer.alloc(headerPiece)
      const { bytesRead } = await file.read(piece, 0, piece.length, read)
      if (!bytesRead) throw new Error('it has no header')
      const end = piece.subarray(0, bytesRead).indexOf(0x0a)
      pieces.push(piece.subarray(0, end < 0 ? bytesRead : end))
      if (end >= 0) {
        const entries = JSON.parse(Buffer.concat(pieces).toString('utf8')) as Header['entries']
        const offset = read + end + 1
        const size = entries.reduce((sum, [, length]) => sum + length, offset)
        if (size !== (await file.stat()).size) throw new Error('it is not as long as its header says')
        return { entries, offset }
      }
      read += bytesRead
    }
  } finally {
    await file.close()
  }
}
