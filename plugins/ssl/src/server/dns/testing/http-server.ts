import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { text } from 'node:stream/consumers'

export interface Received {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface TestHttpServer extends AsyncDisposable {
  readonly url: string
  readonly received: readonly Received[]
}

/** A server on loopback that keeps what it received. @param secure certificate and key in PEM, for https */
export async function startHttp(
  answer: (request: Received, response: ServerResponse) => void,
  secure?: { readonly cert: string; readonly key: string },
): Promise<TestHttpServer> {
  const received: Received[] = []
  const listener: RequestListener = async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://server')
    const one = { method: request.method ?? '', url, headers: request.headers, body: await text(request) }
    received.push(one)
    answer(one, response)
  }
  const server = secure ? createSecureServer(secure, listener) : createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    url: `${secure ? 'https' : 'http'}://127.0.0.1:${port}`,
    received,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
