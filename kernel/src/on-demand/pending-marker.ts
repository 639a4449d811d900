import { closeSync, fsyncSync, openSync, unlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * A file of the state directory that is there while something may be left to do: from before the first job can be accepted until
 * the panel has left with nothing open. A unit that is started at boot looks for it and starts the panel.
 */
export class PendingMarker {
  readonly #file: string

  constructor(home: string) {
    this.#file = join(home, 'pending')
  }

  /** Durable when it returns. */
  set(): void {
    const file = openSync(this.#file, 'w', 0o600)
    fsyncSync(file)
    closeSync(file)
    sync(dirname(this.#file))
  }

  clear(): void {
    try {
      unlinkSync(this.#file)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

function sync(directory: string): void {
  const descriptor = openSync(directory, 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
}
