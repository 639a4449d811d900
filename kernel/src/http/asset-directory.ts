import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join, relative } from 'node:path'

export interface Asset {
  readonly file: string
  readonly type: string
  /** Compressed copies that the build wrote beside it. */
  readonly encodings: ReadonlySet<'br' | 'gzip'>
}

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.map': 'application/json',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
}

/**
 * The files of a built bundle, listed once when first asked for; none while it is not built. Requests are answered from that
 * list alone: no path is ever made from what a client sent.
 */
export class AssetDirectory {
  #assets: ReadonlyMap<string, Asset> | undefined
  #hash: string | undefined

  constructor(readonly directory: string) {}

  /** @param path relative, as in a URL, `chunks/table-4f2a.js` */
  find(path: string): Asset | undefined {
    this.#assets ??= list(this.directory)
    return this.#assets.get(path)
  }

  /** 16 hexadecimal digits over every path and its bytes. */
  get hash(): string {
    this.#assets ??= list(this.directory)
    this.#hash ??= hashOf(this.#assets)
    return this.#hash
  }
}

function list(directory: string): ReadonlyMap<string, Asset> {
  if (!existsSync(directory)) return new Map()
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
  const present = new Set(files)
  const assets = files.flatMap(file => {
    const type = types[extname(file)]
    if (!type || !statSync(file).isFile()) return []
    const encodings = new Set<'br' | 'gzip'>()
    if (present.has(`${file}.br`)) encodings.add('br')
    if (present.has(`${file}.gz`)) encodings.add('gzip')
    return [[relative(directory, file).replaceAll('\\', '/'), { file, type, encodings }] as const]
  })
  return new Map(assets)
}

function hashOf(assets: ReadonlyMap<string, Asset>): string {
  const hash = createHash('sha256')
  for (const [path, { file }] of assets) hash.update(`${path}\0`).update(readFileSync(file)).update('\0')
  return hash.digest('hex').slice(0, 16)
}
