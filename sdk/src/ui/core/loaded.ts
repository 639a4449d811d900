import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { api, type RequestOptions } from './api.js'
import { locale } from './messages.js'

/**
 * One answer of the API for who shows it: asked for when it is first shown, and whenever somebody asks again. What was found
 * stays while it is asked for anew, and after a failure.
 */
export class Loaded<T> implements ReactiveController {
  found: T | undefined
  /** Why the last request failed; undefined once one succeeded. */
  error: unknown
  busy = false
  #language = ''

  /**
   * @param path below `/api/v1`
   * @param options worded: the answer holds texts in the reader's language, so it is asked for again in another
   */
  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly path: string,
    private readonly options: { readonly query?: RequestOptions['query']; readonly worded?: boolean } = {},
  ) {
    host.addController(this)
  }

  hostConnected(): void {
    void this.ask()
  }

  hostUpdate(): void {
    if (this.options.worded && this.found && this.#language !== locale()) void this.ask()
  }

  ask = async (): Promise<void> => {
    if (this.busy) return
    this.busy = true
    this.#language = locale()
    this.host.requestUpdate()
    try {
      const { query } = this.options
      this.found = await api.get<T>(this.path, query ? { query } : {})
      this.error = undefined
    } catch (error) {
      this.error = error
    } finally {
      this.busy = false
      this.host.requestUpdate()
    }
  }
}
