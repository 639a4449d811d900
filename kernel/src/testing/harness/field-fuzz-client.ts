import { Agent, request as httpsRequest } from 'node:https'
import type { TestPanel } from '@nusantara/sdk/testing'

export interface Answer {
  readonly status: number
  readonly type: string
  /** Parsed when it is JSON. */
  readonly body: unknown
}

/**
 * An administrator who sends any target as it stands. The answer's cookies are not kept: what a request does to the session
 * must not change who sends the next one.
 */
export class FuzzClient {
  #cookie = ''
  #csrf = ''
  readonly #agent: Agent

  private constructor(
    private readonly panel: TestPanel,
    certificate: string,
  ) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: 8, ca: certificate })
  }

  /** Signs in, which is also the fresh proof that high-risk routes ask for. */
  static async signIn(panel: TestPanel, certificate: string): Promise<FuzzClient> {
    const client = new FuzzClient(panel, certificate)
    const answer = await client.send('POST', '/api/v1/auth/login', JSON.stringify(panel.people.admin))
    if (answer.status !== 200) throw new Error(`POST /auth/login answered ${answer.status}`)
    client.#csrf = (answer.body as { readonly csrfToken: string }).csrfToken
    return client
  }

  /** Resolves with the headers alone where the answer would never end. */
  send(
    method: string,
    target: string,
    payload?: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        {
          host: 'localhost',
          port: this.panel.port,
          method,
          path: target,
          agent: this.#agent,
          headers: {
            ...(this.#cookie && { cookie: this.#cookie }),
            ...(method !== 'GET' && { origin: this.panel.url, ...(this.#csrf && { 'x-csrf-token': this.#csrf }) }),
            ...headers,
            ...(payload !== undefined && {
              'content-type': 'application/json',
              'content-length': String(Buffer.byteLength(payload)),
            }),
          },
        },
        response => {
          const { statusCode: status = 0, headers } = response
          const type = headers['content-type'] ?? ''
          if (!this.#cookie) this.#cookie = headers['set-cookie']?.[0]?.split(';', 1)[0] ?? ''
          if (type.startsWith('text/event-stream')) {
            request.destroy()
            return resolve({ status, type, body: undefined })
          }
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            resolve({ status, type, body: /\bjson\b/.test(type) && text !== '' ? JSON.parse(text) : text })
          })
        },
      )
      request.on('error', reject)
      request.end(payload)
    })
  }

  async signedIn(): Promise<boolean> {
    const { body } = await this.send('GET', '/api/v1/auth/session')
    return (body as { readonly assurance?: string }).assurance === 'full'
  }

  close(): void {
    this.#agent.destroy()
  }
}
