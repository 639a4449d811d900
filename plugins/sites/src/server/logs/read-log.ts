import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { LogName, SiteLog } from '../../api.js'
import { LogUnreadable } from '../errors.js'

export interface LogQuery {
  readonly log?: LogName
  readonly lines?: number
  readonly q?: string
}

export const logNames: readonly LogName[] = ['access', 'error', 'php']

/** How much of a log's end is looked at. */
const window = 512 * 1024

/**
 * The newest lines of one log, oldest first. Visitors write into logs: what could steer a terminal or hide text is taken
 * out.
 *
 * @param directory null when the site has no logs yet
 */
export async function readLog(
  directory: string | null,
  { log = 'access', lines = 200, q = '' }: LogQuery,
): Promise<SiteLog> {
  const empty = { log, lines: [], truncated: false, size: 0 }
  if (directory === null) return empty
  const file = await openLog(join(directory, `${log}.log`), log)
  if (!file) return empty
  try {
    const { text, size, whole } = await tail(file)
    const wanted = q.toLowerCase()
    const all = withoutPem(text)
      .split('\n')
      .filter(line => line !== '' && line.toLowerCase().includes(wanted))
    return { log, lines: all.slice(-lines).map(harmless), truncated: !whole || all.length > lines, size }
  } finally {
    await file.close()
  }
}

async function openLog(path: string, log: LogName): Promise<FileHandle | null> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    if ((await file.stat()).isFile()) return file
    await file.close()
    throw LogUnreadable({ log, reason: 'it is not a regular file' })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw LogUnreadable.is(error) ? error : LogUnreadable({ log, reason: code ?? 'unknown' }, { cause: error })
  }
}

async function tail(file: FileHandle): Promise<{ text: string; size: number; whole: boolean }> {
  const { size } = await file.stat()
  const from = Math.max(0, size - window)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(window, size)), 0, undefined, from)
  const text = buffer.subarray(0, bytesRead).toString('utf8')
  // The first line of a window is cut somewhere.
  return { text: from === 0 ? text : text.slice(text.indexOf('\n') + 1), size, whole: from === 0 }
}

/** A web server that cannot load a certificate or a key says so with the whole of it. */
export function withoutPem(text: string): string {
  return text
    .replace(/-----BEGIN [A-Z0-9 ]+-----[^-]*(?:-----END [A-Z0-9 ]+-----|$)/g, '[PEM]')
    .replace(/^[A-Za-z0-9+/=\s]*-----END [A-Z0-9 ]+-----/, '[PEM]')
}

/** Without C0, C1, DEL, and the marks that reorder or hide what follows them; at most 2,000 characters. */
export function harmless(line: string): string {
  const plain = line.replace(/\t/g, ' ').replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '\u{fffd}')
  return plain.length > 2000 ? `${plain.slice(0, 2000)}…` : plain
}
