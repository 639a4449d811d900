import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

export type Encoding = 'br' | 'gzip'

const brotli = promisify(brotliCompress)
const deflate = promisify(gzip)
const smallest = 1024
const most = 32

/** Compresses texts that many clients ask for, and keeps the newest results under their entity tags. */
export class Compression {
  readonly #kept = new Map<string, Promise<Buffer>>()

  async encode(
    request: IncomingMessage,
    bytes: Buffer,
    etag?: string,
  ): Promise<{ encoding: Encoding; bytes: Buffer } | undefined> {
    const encoding = acceptedEncoding(request.headers['accept-encoding'])
    if (!encoding || bytes.length < smallest) return undefined
    return { encoding, bytes: await this.#compressed(encoding, bytes, etag) }
  }

  #compressed(encoding: Encoding, bytes: Buffer, etag: string | undefined): Promise<Buffer> {
    const key = `${encoding} ${etag}`
    const kept = etag === undefined ? undefined : this.#kept.get(key)
    if (kept) return kept
    const result =
      encoding === 'br' ? brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }) : deflate(bytes)
    if (etag !== undefined) this.#keep(key, result)
    return result
  }

  #keep(key: string, result: Promise<Buffer>): void {
    this.#kept.set(key, result)
    const oldest = this.#kept.keys().next().value
    if (this.#kept.size > most && oldest !== undefined) this.#kept.delete(oldest)
  }
}

/** Brotli before gzip; a coding with `q=0` is refused by the client (RFC 9110 §12.5.3). */
export function acceptedEncoding(header: string | string[] | undefined): Encoding | undefined {
  const accepted = String(header ?? '')
    .split(',')
    .map(coding => coding.trim().split(/\s*;\s*/))
    .filter(([, quality]) => !/^q=0(?:\.0*)?$/.test(quality ?? ''))
    .map(([name]) => name)
  return (['br', 'gzip'] as const).find(encoding => accepted.includes(encoding))
}
