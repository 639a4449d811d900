import { Agent, request as httpsRequest } from 'node:https'
import type { TestClient, TestResponse } from '@nusantara/sdk/testing'

type Headers = Readonly<Record<string, string>>

/** A browser's manners over real HTTPS: cookie, Origin, CSRF token. */
export class Client implements TestClient {
  #cookie: string | undefined
  #csrf: string | undefined
  #agent: Agent

  /**
   * @param origin asked for each request, because the panel's port may change with a restart
   * @param makeAgent another way to the panel than this machine's network
   */
  constructor(
    private readonly origin: () => string,
    private readonly certificate: string,
    private readonly makeAgent: (certificate: string) => Agent = ca => new Agent({ keepAlive: true, ca }),
  ) {
    this.#agent = makeAgent(certificate)
  }

  get<T>(path: string, headers: Headers = {}) {
    return this.#send<T>('GET', path, undefined, headers)
  }

  post<T>(path: string, body?: unknown, headers: Headers = {}) {
    return this.#send<T>('POST', path, body, headers)
  }

  put<T>(path: string, body?: unknown, headers: Headers = {}) {
    return this.#send<T>('PUT', path, body, headers)
  }

  patch<T>(path: string, body?: unknown, headers: Headers = {}) {
    return this.#send<T>('PATCH', path, body, headers)
  }

  delete<T>(path: string, body?: unknown, headers: Headers = {}) {
    return this.#send<T>('DELETE', path, body, headers)
  }

  /** Ends kept connections, so that they do not count as handles. */
  close(): void {
    this.#agent.destroy()
    this.#agent = this.makeAgent(this.certificate)
  }

  async #send<T>(method: string, path: string, body: unknown, headers: Headers): Promise<TestResponse<T>> {
    if (method !== 'GET' && this.#cookie) this.#csrf ??= await this.#askForToken()
    return this.#exchange<T>(method, path, body, {
      ...(this.#csrf && method !== 'GET' && { 'x-csrf-token': this.#csrf }),
      ...(method !== 'GET' && { origin: this.origin() }),
      ...headers,
    })
  }

  async #askForToken(): Promise<string> {
    const { body } = await this.#exchange<{ csrfToken: string }>('GET', '/auth/session', undefined, {})
    return body.csrfToken
  }

  #exchange<T>(method: string, path: string, body: unknown, headers: Headers): Promise<TestResponse<T>> {
    const whole = /^\/(?:api|ui|healthz|metrics)(?:\/|$)/.test(path) ? path : `/api/v1${path}`
    const payload = body === undefined ? undefined : JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        new URL(whole, this.origin()),
        {
          method,
          agent: this.#agent,
          // The certificate is the panel's whatever Host a test sends.
          servername: 'localhost',
          headers: {
            ...(this.#cookie && { cookie: this.#cookie }),
            ...(payload !== undefined && {
              'content-type': 'application/json',
              'content-length': String(Buffer.byteLength(payload)),
            }),
            ...headers,
          },
        },
        response => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            this.#keep(response.headers['set-cookie'])
            const text = Buffer.concat(chunks).toString()
            const json = /\bjson\b/.test(response.headers['content-type'] ?? '') && text !== ''
            const parsed = (json ? JSON.parse(text) : text) as T
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed, text })
          })
        },
      )
      request.on('error', reject)
      request.end(payload)
    })
  }

  /** A new cookie is a new session, with a token of its own. */
  #keep(cookies: readonly string[] = []): void {
    for (const cookie of cookies) {
      this.#cookie = cookie.split(';', 1)[0]
      this.#csrf = undefined
    }
  }
}
