import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { relocate } from './relocate.js'
import type { Stage } from './staged-tree.js'

/**
 * The stage of a service whose manifest names no directory to stage: its own files alone, each under a name of its
 * own. Whatever names one of them is led to the staged one.
 */
export class SparseStage implements Stage {
  /** Live path → staged path. */
  readonly #files = new Map<string, string>()
  readonly #put = new Map<string, WeakRef<Buffer>>()
  #count = 0

  constructor(private readonly directory: string) {}

  sync(own: readonly string[]): void {
    rmSync(this.directory, { recursive: true, force: true })
    mkdirSync(this.directory, { recursive: true, mode: 0o700 })
    this.#files.clear()
    this.#put.clear()
    for (const path of own) this.revert(path)
  }

  put(path: string, bytes: Buffer | null): void {
    const known = this.#files.get(path)
    if (known) rmSync(known, { force: true })
    this.#files.delete(path)
    this.#put.delete(path)
    if (!bytes) return
    const target = `${this.directory}/${this.#count++}-${basename(path)}`
    writeFileSync(target, bytes, { flag: 'wx', mode: 0o600 })
    this.#files.set(path, target)
    this.#put.set(path, new WeakRef(bytes))
  }

  revert(path: string): void {
    let bytes: Buffer | null = null
    try {
      bytes = readFileSync(path)
    } catch {
      // Not there: so it is not staged either.
    }
    this.put(path, bytes)
  }

  contains(): boolean {
    return true
  }

  holder(path: string, bytes: Buffer): string | undefined {
    return this.#put.get(path)?.deref() === bytes ? this.#files.get(path) : undefined
  }

  moved(text: string): string {
    for (const [live, staged] of this.#files) text = relocate(text, live, staged)
    return text
  }

  named(text: string): string {
    for (const [live, staged] of this.#files) text = text.replaceAll(staged, live)
    return text
  }
}
