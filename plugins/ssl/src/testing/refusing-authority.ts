import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { made } from '../server/pem/testing.js'

export interface Refusal {
  readonly status: number
  readonly body: object
  readonly headers?: Readonly<Record<string, string>>
}

/** When it wants certificates renewed (RFC 9773 §4.2), as it answers. */
export interface Advised {
  readonly suggestedWindow: { readonly start: string; readonly end: string }
  readonly explanationURL?: string
}

const advicePath = '/advice'

/**
 * Stands in front of an authority and answers in its place where it is told to; the rest goes on as it came. URLs that the
 * authority gives away are made from the `Host` of each request, so they lead back here.
 */
export class RefusingAuthority {
  #refusal: Refusal | undefined
  #advice: { readonly body: Advised; readonly headers: Readonly<Record<string, string>> } | undefined
  #lost: string | undefined
  readonly asked: string[] = []
  /** What new orders asked for. */
  readonly orders: { readonly identifiers: readonly { readonly value: string }[]; readonly replaces?: string }[] = []

  private constructor(
    readonly directoryUrl: string,
    readonly caPem: string,
    private readonly close: () => Promise<void>,
    private readonly target: URL,
    private readonly ca: string,
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
    const close = async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    }
    const url = `https://127.0.0.1:${port}/dir`
    const stub = new RefusingAuthority(
      url,
      `${own.pem}${pebble.caPem}`,
      close,
      new URL(pebble.directoryUrl),
      pebble.caPem,
    )
    return stub
  }

  /** Until told otherwise, every new order is answered so. */
  refuse(refusal: Refusal | undefined): void {
    this.#refusal = refusal
  }

  /** Answers to what is asked at such paths are lost on the way, until told otherwise; what was asked is done. */
  lose(path: string | undefined): void {
    this.#lost = path
  }

  /** From now on it tells when it wants certificates renewed, and says so in its directory. */
  advise(body: Advised, headers: Readonly<Record<string, string>> = {}): void {
    this.#advice = { body, headers }
  }

  /** Certificates that it was asked about, as RFC 9773 §4.1 calls them. */
  get advised(): readonly string[] {
    return this.asked.flatMap(line => line.split(`GET ${advicePath}/`)[1] ?? [])
  }

  stop(): Promise<void> {
    return this.close()
  }

  #answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const path = incoming.url ?? ''
    this.asked.push(`${incoming.method} ${path}`)
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const body = Buffer.concat(chunks)
      const isOrder = path.includes('order-plz')
      if (isOrder) this.orders.push(payloadOf(body))
      if (isOrder && this.#refusal) {
        const { status, body, headers } = this.#refusal
        send(outgoing, status, { 'content-type': 'application/problem+json', ...headers }, JSON.stringify(body))
      } else if (this.#advice && path.startsWith(advicePath)) {
        const headers = { 'content-type': 'application/json', ...this.#advice.headers }
        send(outgoing, 200, headers, JSON.stringify(this.#advice.body))
      } else this.#forward(incoming, body, outgoing)
    })
  }

  #forward({ method, url: path, headers }: IncomingMessage, body: Buffer, outgoing: ServerResponse): void {
    const { hostname, port } = this.target
    const forwarded = request({ hostname, port, path, method, ca: this.ca, headers }, answer => {
      const parts: Buffer[] = []
      answer.on('data', (chunk: Buffer) => parts.push(chunk))
      answer.on('end', () => {
        if (this.#lost && path?.includes(this.#lost)) return void outgoing.destroy()
        const text = Buffer.concat(parts).toString()
        const { 'content-length': _, ...rest } = answer.headers
        const isAdvising = path === '/dir' && this.#advice
        const directory = () => ({ ...JSON.parse(text), renewalInfo: `https://${headers.host}${advicePath}` })
        send(outgoing, answer.statusCode ?? 502, rest, isAdvising ? JSON.stringify(directory()) : text)
      })
    })
    forwarded.on('error', () => outgoing.destroy())
    forwarded.end(body)
  }
}

/** Not `writeHead`, which the panel's web framework replaces in this process. */
function send(outgoing: ServerResponse, status: number, headers: IncomingHttpHeaders, body: string): void {
  outgoing.statusCode = status
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) outgoing.setHeader(name, value)
  outgoing.end(body)
}

/** Of a signed request (RFC 7515 §7.2). */
function payloadOf(body: Buffer): RefusingAuthority['orders'][number] {
  const { payload } = JSON.parse(body.toString()) as { payload: string }
  return JSON.parse(Buffer.from(payload, 'base64url').toString())
}
