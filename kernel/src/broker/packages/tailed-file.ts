import { closeSync, openSync, readSync } from 'node:fs'
import type { OutputSink } from '../operations/process.js'

const pollMs = 200
const pieceBytes = 64 * 1024
/** How much of the end is kept for the answer. */
const keptBytes = 128 * 1024

/** Passes on what is appended to a file that may not be there yet. */
export class TailedFile {
  readonly #timer: NodeJS.Timeout
  #offset = 0
  #kept: Buffer = Buffer.alloc(0)
  #reading: Promise<void> = Promise.resolve()
  #ended = false

  constructor(
    private readonly file: string,
    private readonly output: OutputSink | undefined,
  ) {
    this.#timer = setInterval(() => this.#more(), pollMs)
  }

  /** Passes on what is left. @returns the end of all that was said */
  async end(): Promise<string> {
    clearInterval(this.#timer)
    if (!this.#ended) {
      this.#ended = true
      this.#more()
    }
    await this.#reading
    return this.#kept.toString('utf8')
  }

  #more(): void {
    this.#reading = this.#reading.then(() => this.#read())
  }

  async #read(): Promise<void> {
    for (let piece = this.#piece(); piece.length > 0; piece = this.#piece()) {
      this.#kept = Buffer.concat([this.#kept, piece]).subarray(-keptBytes)
      await this.output?.('stdout', piece)
    }
  }

  #piece(): Buffer {
    const piece = Buffer.alloc(pieceBytes)
    let descriptor: number
    try {
      descriptor = openSync(this.file, 'r')
    } catch {
      return piece.subarray(0, 0)
    }
    try {
      const length = readSync(descriptor, piece, 0, pieceBytes, this.#offset)
      this.#offset += length
      return piece.subarray(0, length)
    } finally {
      closeSync(descriptor)
    }
  }
}
