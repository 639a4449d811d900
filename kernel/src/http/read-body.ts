import type { IncomingMessage } from 'node:http'
import { BodyIncomplete, BodyTooLarge, ContentTypeUnsupported, MalformedJson } from './errors.js'
import { parseJson } from './strict-json.js'

const utf8 = new TextDecoder('utf-8', { fatal: true })
const jsonType = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i

/**
 * The JSON body of a request, undefined when it has none.
 *
 * @param limit bytes
 * @throws BodyTooLarge, ContentTypeUnsupported, MalformedJson, BodyIncomplete
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<unknown> {
  const length = request.headers['content-length']
  if (length === undefined && request.headers['transfer-encoding'] === undefined) return undefined
  if (Number(length) === 0) return undefined
  if (Number(length) > limit) throw BodyTooLarge({ limit })
  const type = request.headers['content-type'] ?? ''
  if (!jsonType.test(type) || request.headers['content-encoding'] !== undefined)
    throw ContentTypeUnsupported({ type: type.slice(0, 128) })
  const bytes = await collect(request, limit)
  return bytes.length === 0 ? undefined : parseJson(decode(bytes))
}

async function collect(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > limit) throw BodyTooLarge({ limit })
      chunks.push(chunk)
    }
  } catch (error) {
    if (BodyTooLarge.is(error)) throw error
    throw BodyIncomplete({}, { cause: error })
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)
}

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw MalformedJson({ reason: 'encoding' })
  }
}
