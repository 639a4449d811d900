import { closeSync, openSync, unlinkSync } from 'node:fs'
import { syncDirectory } from '../state-file.js'

/**
 * A file that is there while a batch of changes is open: before the first is recorded, until the last is closed. Whoever
 * starts the machine sees by it, without reading the ledger, that files must be restored before services read them.
 */
export class OpenMarker {
  readonly #file: string
  #there = false

  constructor(private readonly directory: string) {
    this.#file = `${directory}/open`
  }

  /** Durable when it returns. @throws when the disk takes no file */
  set(): void {
    if (this.#there) return
    closeSync(openSync(this.#file, 'w', 0o600))
    syncDirectory(this.directory)
    this.#there = true
  }

  /** One that comes back after a crash costs a look that finds nothing, so its end need not be durable. */
  clear(): void {
    try {
      unlinkSync(this.#file)
    } catch {
      // Nothing there, or a disk that takes no change.
    }
    this.#there = false
  }
}
