import { isIP } from 'node:net'

export interface GetRequest {
  readonly url: URL
  /** Where to connect, whatever the name in the URL resolves to by now. */
  readonly address: string
  readonly signal: AbortSignal
}

export interface GetResponse {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Its beginning, {@link maxBodyBytes} at most. */
  readonly body: string
}

/** Fetches without following redirects; throws Node's errors, with their codes. */
export type Get = (request: GetRequest) => Promise<GetResponse>

export interface HttpGetOptions {
  /** Where a connection really goes. */
  readonly connect?: (address: string, port: number) => { readonly host: string; readonly port: number }
}

export const maxBodyBytes = 4096

/** Like an authority's check of a challenge: certificates of servers on the way are not verified (RFC 8555 §8.3). */
export function httpGet({ connect = (host, port) => ({ host, port }) }: HttpGetOptions = {}): Get {
  // Read here: an import of node:http costs every panel 13 MB.
  const { request: overHttp } = process.getBuiltinModule('node:http')
  const { request: overHttps } = process.getBuiltinModule('node:https')
  return ({ url, address, signal }) => {
    const secure = url.protocol === 'https:'
    const hostname = url.hostname.replace(/^\[|\]$/g, '')
    const options = {
      ...connect(address, Number(url.port) || (secure ? 443 : 80)),
      path: url.pathname + url.search,
      headers: { host: url.host, 'user-agent': 'nusantara-readiness', accept: '*/*', connection: 'close' },
      agent: false,
      signal,
    }
    const tls = { rejectUnauthorized: false, ...(isIP(hostname) === 0 && { servername: hostname }) }
    return new Promise((resolve, reject) => {
      const request = secure ? overHttps({ ...options, ...tls }) : overHttp(options)
      request.on('error', reject)
      request.on('response', response => {
        const chunks: Buffer[] = []
        let size = 0
        const finish = () => {
          const body = Buffer.concat(chunks).subarray(0, maxBodyBytes).toString('latin1')
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body })
          response.destroy()
        }
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          size += chunk.length
          if (size >= maxBodyBytes) finish()
        })
        response.on('end', finish)
        response.on('error', reject)
      })
      request.end()
    })
  }
}
