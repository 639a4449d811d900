import type { IncomingMessage, ServerResponse } from 'node:http'
import { newId } from '@nusantara/sdk'
import { locales, preferredLocale } from '../i18n/locale.js'

/**
 * Where a request came in: the HTTPS port, the root-only socket of the command line, or the socket for a web server on this
 * machine, which has done TLS and says who its client is.
 */
export type Door = 'https' | 'cli' | 'front'

/** One request and its answer, with what is known before anybody is identified. */
export class Exchange {
  readonly id = newId()
  readonly startedAt = performance.now()
  /** The client wants the head alone; routes see a GET. */
  readonly head: boolean
  readonly #abort = new AbortController()
  #live = false

  constructor(
    readonly request: IncomingMessage & { readonly params?: Record<string, string> },
    readonly response: ServerResponse,
    readonly door: Door,
    readonly address: string,
  ) {
    this.head = request.method === 'HEAD'
    if (this.head) request.method = 'GET'
    response.once('close', () => {
      if (!response.writableFinished) this.#abort.abort(new Error('the client went away'))
    })
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** A stream without an end of its own: a drain ends it instead of waiting for it. */
  get live(): boolean {
    return this.#live
  }

  markLive(): void {
    this.#live = true
  }

  /** Tells the handler to stop, and ends its stream. */
  abort(reason: string): void {
    this.#abort.abort(new Error(reason))
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name.toLowerCase()]
    return Array.isArray(value) ? value.join(', ') : value
  }

  /** The one language that Accept-Language asks for, as the web shell does; browsers by themselves send a list. */
  get chosenLocale(): string | undefined {
    const header = this.header('accept-language')
    return locales.find(locale => locale === header)
  }

  /** What Accept-Language prefers. */
  get acceptedLocale(): string {
    return preferredLocale(this.header('accept-language'))
  }
}
