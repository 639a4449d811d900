import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { text as readAll } from 'node:stream/consumers'
import { connect } from 'node:tls'

/** What a browser does at the panel under a published name: keeps the cookie, sends Origin and token. */
export class PanelBrowser {
  #cookie = ''
  #csrf = ''

  /** @param address of the client, one of this machine */
  constructor(
    readonly name: string,
    readonly port: number,
    private readonly address = '127.0.0.1',
  ) {}

  get origin(): string {
    return `https://${this.name}:${this.port}`
  }

  async signIn(person: { readonly username: string; readonly password: string }): Promise<number> {
    const answer = await this.ask('POST', '/api/v1/auth/login', person)
    this.#cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    this.#csrf = answer.json?.csrfToken ?? ''
    return answer.status
  }

  async ask(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
    const answer = await this.open(method, path, body, headers)
    const text = await readAll(answer)
    const json = /json/.test(answer.headers['content-type'] ?? '') ? JSON.parse(text) : undefined
    return { status: answer.statusCode ?? 0, headers: answer.headers, text, json }
  }

  /** The answer as it begins, for streams. */
  open(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<IncomingMessage> {
    const payload = body === undefined ? undefined : JSON.stringify(body)
    const all = {
      Host: `${this.name}:${this.port}`,
      ...(this.#cookie && { Cookie: this.#cookie }),
      ...(method !== 'GET' && { Origin: this.origin, ...(this.#csrf && { 'X-CSRF-Token': this.#csrf }) }),
      ...(payload !== undefined && {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(payload),
      }),
      ...headers,
    }
    return new Promise((resolve, reject) => {
      request(
        {
          method,
          path,
          headers: all,
          createConnection: () => {
            const socket = connectTcp({ host: '127.0.0.1', port: this.port, localAddress: this.address })
            return connect({ socket, servername: this.name, rejectUnauthorized: false })
          },
        },
        resolve,
      )
        .on('error', reject)
        .end(payload)
    })
  }
}
