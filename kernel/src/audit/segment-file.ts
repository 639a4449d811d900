import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createGunzip, gzip } from 'node:zlib'
import { canonical } from './canonical.js'
import type { ChainEntry } from './chain.js'
import type { AuditProblemKind } from './findings.js'
import { type SegmentHeader, segmentFileName } from './segment.js'

const compress = promisify(gzip)
/** Longer than any entry can be; a line that goes on is not of our making. */
const longestLine = 8 * 1024 * 1024

/** Why a file is not the segment that was sealed. */
export class SegmentDamage extends Error {
  constructor(
    readonly kind: Extract<AuditProblemKind, `segment_${string}`>,
    options?: ErrorOptions,
  ) {
    super(kind, options)
  }
}

/**
 * Writes header and lines as two gzip members, so that `zcat` shows both. The file appears whole, with its name durable,
 * or not at all.
 *
 * @returns its name
 */
export async function writeSegment(directory: string, header: SegmentHeader, lines: string): Promise<string> {
  const name = segmentFileName(header)
  const path = join(directory, name)
  const members = await Promise.all([compress(`${canonical(header)}\n`), compress(lines)])
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const temporary = `${path}.new`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(Buffer.concat(members))
      await file.sync()
    } finally {
      await file.close()
    }
    await link(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
  await syncDirectory(directory)
  return name
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/**
 * The entries of a segment, and at the end whether they were all that was sealed.
 *
 * @param header the recorded one: what the file has to be
 * @throws SegmentDamage, after the entries before the damage
 */
export async function* readSegment(
  directory: string,
  name: string,
  header: SegmentHeader,
): AsyncGenerator<ChainEntry, void> {
  const digest = createHash('sha256')
  let count = 0
  let first = true
  for await (const line of lines(join(directory, name))) {
    if (first) {
      expectHeader(line, header)
      first = false
      continue
    }
    if (++count > header.count) throw new SegmentDamage('segment_edited')
    digest.update(`${line}\n`)
    const entry = parseEntry(line)
    if (entry.seq !== header.first + count - 1) throw new SegmentDamage(misplaced(entry, header))
    yield entry
  }
  if (count < header.count) throw new SegmentDamage('segment_truncated')
  if (digest.digest('hex') !== header.digest) throw new SegmentDamage('segment_edited')
}

/** An entry of the segment at another place, or one that is not of it. */
function misplaced({ seq }: ChainEntry, { first, last }: SegmentHeader): 'segment_order' | 'segment_edited' {
  return seq >= first && seq <= last ? 'segment_order' : 'segment_edited'
}

function expectHeader(line: string, header: SegmentHeader): void {
  if (line === canonical(header)) return
  const found = parse(line) as Partial<SegmentHeader>
  const another = found.format === header.format && (found.first !== header.first || found.last !== header.last)
  throw new SegmentDamage(another ? 'segment_order' : 'segment_edited')
}

function parseEntry(line: string): ChainEntry {
  const entry = parse(line) as Partial<ChainEntry>
  const whole =
    Number.isSafeInteger(entry.seq) && [entry.previous, entry.hash, entry.body].every(part => typeof part === 'string')
  if (!whole) throw new SegmentDamage('segment_edited')
  return entry as ChainEntry
}

function parse(line: string): object {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return value
  } catch {}
  throw new SegmentDamage('segment_edited')
}

async function* lines(path: string): AsyncGenerator<string, void> {
  const file = createReadStream(path)
  const text = createGunzip()
  file.on('error', error => text.destroy(error))
  file.pipe(text)
  let rest: Buffer = Buffer.alloc(0)
  try {
    for await (const chunk of text) {
      rest = Buffer.concat([rest, chunk as Buffer])
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        yield rest.toString('utf8', 0, end)
        rest = rest.subarray(end + 1)
      }
      if (rest.length > longestLine) throw new SegmentDamage('segment_edited')
    }
  } catch (error) {
    throw damage(error)
  } finally {
    text.destroy()
    file.destroy()
  }
  if (rest.length > 0) throw new SegmentDamage('segment_truncated')
}

function damage(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'Z_BUF_ERROR') return new SegmentDamage('segment_truncated', { cause: error })
  if (code?.startsWith('Z_')) return new SegmentDamage('segment_edited', { cause: error })
  if (['ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR'].includes(code ?? ''))
    return new SegmentDamage('segment_missing', { cause: error })
  return error
}
