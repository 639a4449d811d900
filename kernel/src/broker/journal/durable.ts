import { fdatasyncSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'

/** Below this an fsync is shorter than the two switches to the thread pool and back that would hide it. */
const worthWaitingMs = 0.5

/**
 * Makes what was written to a file durable (fdatasync(2)): on a fast disk at once, on a slow one in the thread pool, so
 * that nobody else waits for it. Which of both this disk is shows from how long it took the last times.
 */
export class Durable {
  #expectedMs = Number.POSITIVE_INFINITY

  async sync(file: FileHandle): Promise<void> {
    const started = performance.now()
    if (this.#expectedMs < worthWaitingMs) fdatasyncSync(file.fd)
    else await file.datasync()
    const took = performance.now() - started
    this.#expectedMs = Number.isFinite(this.#expectedMs) ? 0.75 * this.#expectedMs + 0.25 * took : took
  }
}
