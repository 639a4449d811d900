import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { made } from '../server/pem/testing.js'

export type Reply = (outgoing: ServerResponse, incoming: IncomingMessage) => void

/** A server over https that answers each path as a test says, also as no authority should. */
export class RawAuthority {
  readonly asked: string[] = []

  private constructor(
    readonly origin: string,
    readonly caPem: string,
    readonly stop: () => Promise<void>,
    private readonly replies: Map<string, Reply>,
  ) {}

  static async start(): Promise<RawAuthority> {
    const own = await made({
      subject: 'raw',
      addresses: ['127.0.0.1'],
      from: new Date(Date.now() - 86_400_000).toISOString(),
      to: new Date(Date.now() + 86_400_000).toISOString(),
    })
    const replies = new Map<string, Reply>()
    const server = createServer({ cert: own.pem, key: own.key }, (incoming, outgoing) => {
      raw.asked.push(`${incoming.method} ${incoming.url}`)
      const reply = replies.get(incoming.url ?? '')
      incoming.resume().on('end', () => (reply ? reply(outgoing, incoming) : outgoing.destroy()))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const stop = async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    }
    const raw = new RawAuthority(`https://127.0.0.1:${port}`, own.pem, stop, replies)
    return raw
  }

  on(path: string, reply: Reply): void {
    this.replies.set(path, reply)
  }
}

export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Reply {
  return outgoing => {
    outgoing.statusCode = status
    outgoing.setHeader('content-type', 'application/json')
    outgoing.setHeader('replay-nonce', 'bm9uY2U')
    for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value)
    outgoing.end(JSON.stringify(body))
  }
}

/** A byte now and then, and no end. */
export const dripping: Reply = outgoing => {
  const timer = setInterval(() => outgoing.write(' '), 20)
  outgoing.on('close', () => clearInterval(timer))
}

/** As much as is taken, and no end. */
export const flooding: Reply = outgoing => {
  const chunk = Buffer.alloc(16_384, 32)
  const more = () => {
    while (!outgoing.destroyed && outgoing.write(chunk));
  }
  outgoing.on('drain', more)
  more()
}

export const redirecting =
  (to: string): Reply =>
  outgoing => {
    outgoing.statusCode = 302
    outgoing.setHeader('location', to)
    outgoing.end()
  }
