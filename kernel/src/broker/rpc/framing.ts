export const maxMessageBytes = 8 * 1024 * 1024
const maxDepth = 64

/** Splits a byte stream into lines of bounded length. A line that grows beyond the bound ends the connection. */
export class LineReader {
  #parts: Buffer[] = []
  #size = 0

  /** The lines that end in this chunk, without their newlines. @throws RangeError when a line is too long */
  push(chunk: Buffer): readonly Buffer[] {
    const lines: Buffer[] = []
    let from = 0
    for (let newline = chunk.indexOf(0x0a); newline >= 0; newline = chunk.indexOf(0x0a, from)) {
      this.#add(chunk.subarray(from, newline))
      from = newline + 1
      lines.push(this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts))
      this.#parts = []
      this.#size = 0
    }
    if (from < chunk.length) this.#add(chunk.subarray(from))
    return lines
  }

  /** Whether a line has begun and not ended. */
  get partial(): boolean {
    return this.#size > 0
  }

  #add(part: Buffer): void {
    this.#size += part.length
    if (this.#size > maxMessageBytes) throw new RangeError(`a message is longer than ${maxMessageBytes} bytes`)
    this.#parts.push(part)
  }
}

/** Parses one line strictly: valid UTF-8, JSON, nested at most 64 deep. @throws Error */
export function parseLine(line: Buffer): unknown {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(line)
  refuseDepth(line)
  return JSON.parse(text)
}

/** Counts brackets outside strings, so that a message cannot exhaust the stack of whoever walks it. */
function refuseDepth(line: Buffer): void {
  let depth = 0
  let quoted = false
  for (let index = 0; index < line.length; index++) {
    const byte = line[index]
    if (quoted) {
      if (byte === 0x5c) index++
      else if (byte === 0x22) quoted = false
    } else if (byte === 0x22) quoted = true
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > maxDepth) throw new RangeError(`is nested deeper than ${maxDepth}`)
    } else if (byte === 0x5d || byte === 0x7d) depth--
  }
}
