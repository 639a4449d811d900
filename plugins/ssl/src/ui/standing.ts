import { api, asProblem, followJob, isSettled, Latest, listen } from '@nusantara/sdk/ui'
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { SiteCertificate } from '../api.js'

/**
 * How a site stands with TLS, for who shows it. Asked for when it is first shown, when something happens to the site, and
 * when the job that works on it ends; a refresh that fails leaves what is shown.
 */
export class Standing implements ReactiveController {
  found: SiteCertificate | undefined
  error: unknown
  /** The job that works on it now; absent once it has ended. */
  job: string | undefined
  #siteId = ''
  #latest = new Latest()
  #stop: (() => void) | undefined
  #followed = ''
  #left = new AbortController()

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly siteId: () => string,
  ) {
    host.addController(this)
  }

  hostConnected(): void {
    this.#left = new AbortController()
    this.#begin()
  }

  hostDisconnected(): void {
    this.#left.abort()
    this.#followed = ''
    this.#stop?.()
    this.#stop = undefined
  }

  hostUpdate(): void {
    if (this.siteId() !== this.#siteId) this.#begin()
  }

  #begin(): void {
    if (!this.siteId()) return
    if (this.#siteId !== this.siteId()) {
      this.found = undefined
      this.job = undefined
      this.#stop?.()
      this.#stop = undefined
    }
    this.#siteId = this.siteId()
    void this.load()
  }

  load = async (): Promise<void> => {
    const id = this.#siteId
    const current = this.#latest.begin()
    try {
      const found = await api.get<SiteCertificate>(`/ssl/sites/${id}`)
      if (!current() || this.#left.signal.aborted) return
      this.found = found
      this.error = undefined
      this.#stop ??= listen(`resource:site:${id}`, () => void this.load())
      if (found.job) void this.#follow(found.job)
    } catch (error) {
      if (!current()) return
      if (!this.found || asProblem(error).status === 404) this.error = error
    } finally {
      this.host.requestUpdate()
    }
  }

  async #follow(id: string): Promise<void> {
    if (this.#followed === id) return
    this.#followed = id
    const { signal } = this.#left
    try {
      await followJob(
        id,
        {
          job: job => {
            if (isSettled(job) || this.#followed !== id) return
            this.job = id
            this.host.requestUpdate()
          },
        },
        signal,
      )
    } catch (error) {
      // Who may not see jobs sees what comes of them.
      if (!signal.aborted) console.warn('the job of the site is not known', error)
    }
    if (signal.aborted || this.#followed !== id || this.job !== id) return
    this.job = undefined
    await this.load()
  }
}
