import { mkdirSync } from 'node:fs'
import type { Granted } from '../protocol.js'
import { readStateFile, writeStateFile } from '../state-file.js'

interface Stored extends Granted {
  /** Of the manifest with its grammars. */
  readonly digest: string
}

/** What root agreed to, one file a plugin: only to be shown beside what an update asks for, nothing is allowed by it. */
export class Grants {
  constructor(private readonly directory: string) {}

  write(plugin: string, digest: string, granted: Granted): void {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 })
    writeStateFile(this.#file(plugin), { digest, ...granted } satisfies Stored)
  }

  /** Undefined when that was agreed to before this was kept. */
  read(plugin: string, digest: string): Granted | undefined {
    const stored = readStateFile(this.#file(plugin)) as Stored | undefined
    return stored?.digest === digest ? { privileges: stored.privileges, grammars: stored.grammars } : undefined
  }

  #file(plugin: string): string {
    return `${this.directory}/${plugin}.json`
  }
}
