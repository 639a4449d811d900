import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { made } from '../server/pem/testing.js'

export interface Refusal {
  readonly status: number
  readonly body: object
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Stands in front of an authority and answers in its place where it is told to; the rest goes on as it came. URLs that the
 * authority gives away lead to itself, so only what is asked of the directory and of new orders can be refused.
 */
export class RefusingAuthority {
  #refusal: Refusal | undefined
  readonly asked: string[] = []

  private constructor(
    readonly directoryUrl: string,
    readonly caPem: string,
    private readonly close: () => Promise<void>,
  ) {}

  static async before(pebble: { readonly directoryUrl: string; readonly caPem: string }): Promise<RefusingAuthority> {
    const own = await made({
      subject: 'stub',
      serial: '02cd',
      addresses: ['127.0.0.1'],
      from: new Date(Date.now() - 86_400_000).toISOString(),
      to: new Date(Date.now() + 86_400_000 * 30).toISOString(),
    })
    const server = createServer({ cert: own.pem, key: own.key }, (incoming, outgoing) =>
      stub.#answer(incoming, outgoing),
    )
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const stub = new RefusingAuthority(`https://127.0.0.1:${port}/dir`, `${own.pem}${pebble.caPem}`, async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    })
    stub.#target = new URL(pebble.directoryUrl)
    stub.#ca = pebble.caPem
    stub.#origin = `https://127.0.0.1:${port}`
    return stub
  }

  #target = new URL('https://invalid.test')
  #ca = ''
  #origin = ''

  /** Until told otherwise, every new order is answered so. */
  refuse(refusal: Refusal | undefined): void {
    this.#refusal = refusal
  }

  stop(): Promise<void> {
    return this.close()
  }

  #answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const path = incoming.url ?? ''
    this.asked.push(`${incoming.method} ${path}`)
    const refusal = path.includes('order-plz') ? this.#refusal : undefined
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      if (refusal) {
        outgoing.writeHead(refusal.status, { 'content-type': 'application/problem+json', ...refusal.headers })
        outgoing.end(JSON.stringify(refusal.body))
        return
      }
      const { hostname, port } = this.#target
      // The signature covers the URL, so what the authority is asked must name the authority.
      const forwarded = request(
        {
          hostname,
          port,
          path,
          method: incoming.method,
          ca: this.#ca,
          headers: { ...incoming.headers, host: this.#target.host },
        },
        answer => {
          const parts: Buffer[] = []
          answer.on('data', (chunk: Buffer) => parts.push(chunk))
          answer.on('end', () => {
            const text = Buffer.concat(parts).toString()
            const isDirectory = path === '/dir'
            // Only new orders come through here, everything else goes straight to the authority.
            const body = isDirectory
              ? text.replace(/"newOrder": ?"https:\/\/[^/]+/, `"newOrder":"${this.#origin}`)
              : text
            const { 'content-length': _, ...headers } = answer.headers
            outgoing.writeHead(answer.statusCode ?? 502, headers)
            outgoing.end(body)
          })
        },
      )
      forwarded.on('error', () => outgoing.destroy())
      forwarded.end(Buffer.concat(chunks))
    })
  }
}
