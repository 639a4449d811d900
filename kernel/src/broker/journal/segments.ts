import { createReadStream, readdirSync } from 'node:fs'

/** `000000000001.ndjson`: the segment whose first entry has this number. */
export function segmentName(firstSeq: number): string {
  return `${String(firstSeq).padStart(12, '0')}.ndjson`
}

/** Segments of a journal directory, oldest first. */
export function segments(directory: string): readonly { readonly file: string; readonly firstSeq: number }[] {
  return readdirSync(directory)
    .filter(name => /^\d{12}\.ndjson$/.test(name))
    .sort()
    .map(name => ({ file: `${directory}/${name}`, firstSeq: Number(name.slice(0, 12)) }))
}

export interface StoredLine {
  /** Without its newline. */
  readonly line: string
  /** Offset behind its newline. */
  readonly end: number
  /** False for a last line that lacks its newline. */
  readonly complete: boolean
}

/**
 * Lines of a segment. Split at LF bytes alone: `node:readline` would also split at U+2028, which an entry may hold.
 */
export async function* lines(file: string): AsyncGenerator<StoredLine> {
  let rest: Buffer[] = []
  let end = 0
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let from = 0
    for (let newline = chunk.indexOf(0x0a); newline >= 0; newline = chunk.indexOf(0x0a, from)) {
      const line = Buffer.concat([...rest, chunk.subarray(from, newline)])
      rest = []
      from = newline + 1
      end += line.length + 1
      yield { line: line.toString('utf8'), end, complete: true }
    }
    if (from < chunk.length) rest.push(chunk.subarray(from))
  }
  const torn = Buffer.concat(rest)
  if (torn.length) yield { line: torn.toString('utf8'), end: end + torn.length, complete: false }
}
