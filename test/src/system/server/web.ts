import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls'
import type { Connector } from './connector.js'
import { addresses } from './network.js'

export interface FetchOptions {
  readonly method?: string
  /** Which of the server's addresses a name stands for. */
  readonly family?: 4 | 6
  /** `Host`, when it is not the one of the URL. */
  readonly host?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Certificates to trust, PEM. Without, any certificate will do. */
  readonly ca?: string
  /** Seconds for the whole answer. */
  readonly timeout?: number
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Every name is the server; addresses and `localhost` are what they are. */
function addressOf(name: string, family: 4 | 6): string {
  if (/^\[.*\]$/.test(name)) return name.slice(1, -1)
  if (name === 'localhost') return family === 6 ? '::1' : '127.0.0.1'
  return /^[\d.]+$/.test(name) ? name : addresses[family]
}

/** One request over a connection of its own, inside the server's network. Follows no redirect. */
export async function fetchThrough(connector: Connector, url: string, options: FetchOptions = {}): Promise<Answer> {
  const { method = 'GET', family = 4, host, headers = {}, body, ca, timeout = 30 } = options
  const { protocol, hostname, host: own, port, pathname, search } = new URL(url)
  const secure = protocol === 'https:'
  const socket = await connector.connect({
    host: addressOf(hostname, family),
    port: Number(port || (secure ? 443 : 80)),
  })
  const servername = (host ?? hostname).replace(/:\d+$/, '')
  const tls: ConnectionOptions = { socket, ...(/^[\d.[]/.test(servername) ? {} : { servername }) }
  const trust = ca ? { ca } : { rejectUnauthorized: false }
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)(
      {
        method,
        path: pathname + search,
        createConnection: () => (secure ? tlsConnect({ ...tls, ...trust }) : socket),
        headers: {
          host: host ?? own,
          connection: 'close',
          ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
        signal: AbortSignal.timeout(timeout * 1000),
      },
      response => {
        const chunks: Buffer[] = []
        response.on('data', chunk => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    request.on('error', error => {
      socket.destroy()
      reject(error)
    })
    request.end(body)
  })
}

/** An agent for clients that keep connections, through the server's network. */
export function agentThrough(connector: Connector, ca: string): Agent {
  const agent = new Agent({ keepAlive: true, ca })
  agent.createConnection = (options, done) => {
    const { host, port } = options as { host?: string; port?: string | number }
    connector.connect({ host: addressOf(host ?? 'localhost', 4), port: Number(port) }).then(
      socket => done?.(null, tlsConnect({ ...(options as ConnectionOptions), socket })),
      error => done?.(error, undefined as never),
    )
    return undefined
  }
  return agent
}
