import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { agentOf, isHttps } from './acme-client.js'

const timeoutMs = 10_000
const maxAnswerBytes = 64 * 1024

/**
 * `fetch` for what authorities tell everybody: over https alone, without redirects, the whole answer within 10 seconds and
 * 64 KiB. Trusts the root of an authority of one's own, which the built-in one has no place for; without one, public roots.
 */
export function fetchTrusting(caPem: string | null, patience = timeoutMs): typeof fetch {
  return async (input, { headers, signal } = {}) => {
    const url = String(input)
    if (!isHttps(url)) throw new TypeError(`${url} is not an https URL`)
    const limit = AbortSignal.timeout(patience)
    const options = {
      headers: Object.fromEntries(new Headers(headers)),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      ...(caPem && { agent: agentOf(caPem) }),
    }
    const response = await new Promise<IncomingMessage>((resolve, reject) =>
      request(url, options, resolve).on('error', reject).end(),
    )
    const { statusCode: status = 502 } = response
    if (status >= 300 && status < 400) {
      response.destroy()
      throw new TypeError(`${url} answered ${status}; redirects are not followed`)
    }
    const body = await bodyOf(response)
    const given = Object.entries(response.headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value] as [string, string]] : [],
    )
    // RFC 9110 §6.4.1: such answers have none, and `Response` insists on it.
    return new Response(status === 204 || status === 205 ? null : body, { status, headers: given })
  }
}

/** Counted as it comes; what grows too long is not read to its end. */
async function bodyOf(response: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxAnswerBytes) throw new RangeError(`answered more than ${maxAnswerBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
