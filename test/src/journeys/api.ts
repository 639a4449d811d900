import { until } from '@nusantara/kernel/testing'
import type { APIRequestContext } from 'playwright-core'

export interface Answer<T> {
  readonly status: number
  readonly body: T
}

interface JobState {
  readonly id: string
  readonly state: string
  readonly problem?: unknown
}

const settled = new Set(['succeeded', 'failed', 'cancelled', 'unknown'])

/** The panel's HTTP interface with a browser's cookies: arranges what a journey starts from. */
export class Api {
  #csrf: string | undefined

  constructor(
    private readonly origin: string,
    private readonly request: APIRequestContext,
  ) {}

  get<T>(path: string): Promise<Answer<T>> {
    return this.#send<T>('GET', path)
  }

  /** @throws Error unless it was answered with success */
  async post<T>(path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<T> {
    return this.#must(await this.#send<T>('POST', path, body, headers), path)
  }

  /** @throws Error unless it was answered with success */
  async patch<T>(path: string, body: unknown): Promise<T> {
    return this.#must(await this.#send<T>('PATCH', path, body), path)
  }

  async delete(path: string): Promise<void> {
    this.#must(await this.#send('DELETE', path), path)
  }

  /** `full`, or `totp_required` where a code has to follow. */
  async signIn(username: string, password: string, headers: Record<string, string> = {}): Promise<string> {
    this.#csrf = undefined
    const { assurance } = await this.post<{ assurance: string }>('/auth/login', { username, password }, headers)
    this.#csrf = undefined
    return assurance
  }

  /** For another ten minutes of high-risk actions. The session goes on under another token. */
  async prove(password: string): Promise<void> {
    await this.post('/auth/reauthenticate', { password })
    this.#csrf = undefined
  }

  /** Creates a site and waits until it is served. Answers its id. */
  async makeSite(body: Readonly<Record<string, unknown>>): Promise<string> {
    const { id, job } = await this.post<{ id: string; job: { id: string } }>('/sites', body)
    await this.finished(job.id)
    return id
  }

  /** @throws Error when the job does not succeed */
  async finished(id: string): Promise<void> {
    let job: JobState | undefined
    await until(async () => {
      job = this.#must(await this.get<JobState>(`/jobs/${id}`), id)
      return settled.has(job.state)
    }, 20_000)
    if (job?.state !== 'succeeded') throw new Error(`job ${id}: ${JSON.stringify(job)}`)
  }

  #must<T>({ status, body }: Answer<T>, path: string): T {
    if (status >= 300) throw new Error(`${path} answered ${status}: ${JSON.stringify(body)}`)
    return body
  }

  async #send<T>(
    method: string,
    path: string,
    data?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    if (method !== 'GET')
      this.#csrf ??= (await this.#exchange<{ csrfToken: string }>('GET', '/auth/session')).body.csrfToken
    return this.#exchange<T>(method, path, data, {
      ...(method !== 'GET' && { origin: this.origin, ...(this.#csrf && { 'x-csrf-token': this.#csrf }) }),
      ...headers,
    })
  }

  async #exchange<T>(
    method: string,
    path: string,
    data?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const response = await this.request.fetch(`${this.origin}/api/v1${path}`, {
      method,
      headers,
      ...(data !== undefined && { data }),
    })
    const text = await response.text()
    return { status: response.status(), body: (text ? JSON.parse(text) : undefined) as T }
  }
}
