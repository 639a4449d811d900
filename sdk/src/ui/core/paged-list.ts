import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { api, type RequestOptions } from './api.js'
import { asProblem } from './problem.js'
import { toastProblem } from './toast.js'
import type { Page } from './wire.js'

export interface PagedListOptions<T> {
  /** Path of the list below `/api/v1`. */
  readonly path: string
  /** Filters, asked for again at every request. */
  query?(): NonNullable<RequestOptions['query']>
  /** The panel gives it at once: it is asked for without a limit. */
  readonly whole?: true
  /** Items of one page; default 50. */
  readonly size?: number
  /** What tells an item from the others. */
  key(item: T): unknown
  /** Something happens to the item by itself, so the list is asked for again every few seconds. */
  moving?(item: T): boolean
}

const pageSize = 50
/** Rows of a file at most. */
const mostOfAll = 10_000
/** The most that a list of the panel gives at once. */
const mostAtOnce = 200
/** While something moves. Milliseconds. */
const refreshMs = 3_000
/** After the last key before a search is sent. Milliseconds. */
const pauseMs = 200

/**
 * A list of the panel, page by page, for the element that shows it. Loads when the element is connected; while an item moves it
 * is kept up to date without losing the pages already shown. A failure before anything is shown, and one after the filters
 * changed, is in `error`; later ones leave what is shown as it is.
 */
export class PagedList<T> implements ReactiveController {
  /** Absent while the first page loads. */
  items: readonly T[] | undefined
  /** How many match, where the list counts them. */
  total: number | undefined
  error: unknown
  /** The next page is being loaded. */
  loadingMore = false
  /** What is searched for; of a list that is not whole, by the panel. */
  search = ''
  #sort: string | undefined
  #cursor: string | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #abort = new AbortController()

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly options: PagedListOptions<T>,
  ) {
    host.addController(this)
  }

  hostConnected(): void {
    void this.load()
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer)
    this.#abort.abort()
  }

  /** There are further pages. */
  get more(): boolean {
    return this.#cursor !== undefined
  }

  /** All of it is here. */
  get whole(): boolean {
    return this.options.whole ?? false
  }

  /** Something narrows it down besides `search`. */
  get filtered(): boolean {
    return Object.values(this.options.query?.() ?? {}).some(value => value !== undefined)
  }

  readonly keyOf = (item: T): unknown => this.options.key(item)

  /** Searches, in a moment when the reader is still typing. */
  find(text: string): void {
    this.search = text
    if (this.whole) this.host.requestUpdate()
    else this.restart({ typing: true })
  }

  /** @param sort a column of the panel's, `-` before it for the other way round */
  orderBy(sort: string): void {
    this.#sort = sort
    this.restart()
  }

  /** What matches, page after page, whatever is shown; at most 10,000. */
  async everything(): Promise<readonly T[]> {
    const all: T[] = []
    let cursor: string | undefined
    do {
      const page = await api.get<Page<T>>(this.options.path, { query: { ...this.#query(), limit: mostAtOnce, cursor } })
      all.push(...page.items)
      cursor = page.nextCursor
    } while (cursor !== undefined && all.length < mostOfAll)
    return all
  }

  get #pageSize(): number {
    return this.options.size ?? pageSize
  }

  #query(): NonNullable<RequestOptions['query']> {
    const asked = this.options.query?.() ?? {}
    return this.whole ? asked : { ...asked, ...(this.search && { q: this.search }), sort: this.#sort }
  }

  /** From the beginning, as many as are shown. */
  load = async (): Promise<void> => {
    const shown = this.items ?? []
    const limit = Math.min(mostAtOnce, Math.max(this.#pageSize, shown.length))
    await this.#request({ limit }, page => {
      const rest = this.#after(shown, page.items)
      this.items = [...page.items, ...rest]
      if (!rest.length) this.#cursor = page.nextCursor
    })
  }

  /** The next page below those shown. */
  loadMore = async (): Promise<void> => {
    if (this.loadingMore || !this.more) return
    this.loadingMore = true
    this.host.requestUpdate()
    await this.#request({ limit: this.#pageSize, cursor: this.#cursor }, page => {
      this.items = [...(this.items ?? []), ...page.items]
      this.#cursor = page.nextCursor
    })
    this.loadingMore = false
    this.host.requestUpdate()
  }

  /** Filters changed: starts again, in a moment when the reader is still typing. What is shown stays until the answer comes. */
  restart({ typing = false } = {}): void {
    this.#abort.abort()
    clearTimeout(this.#timer)
    const start = () => {
      this.#cursor = undefined
      const take = (page: Page<T>) => {
        this.items = page.items
        this.#cursor = page.nextCursor
      }
      void this.#request({ limit: this.#pageSize }, take, () => {
        // What is shown answers another question.
        this.items = undefined
        this.total = undefined
      })
    }
    if (typing) this.#timer = setTimeout(start, pauseMs)
    else start()
  }

  /** A newer request takes the place of one that is still under way. */
  async #request(
    query: NonNullable<RequestOptions['query']>,
    take: (page: Page<T>) => void,
    failed?: () => void,
  ): Promise<void> {
    clearTimeout(this.#timer)
    this.#abort.abort()
    const abort = new AbortController()
    this.#abort = abort
    try {
      const part = this.options.whole ? {} : query
      const options = { query: { ...this.#query(), ...part }, signal: abort.signal }
      const page = await api.get<Page<T>>(this.options.path, options)
      if (abort.signal.aborted) return
      take(page)
      this.total = page.total
      this.error = undefined
    } catch (error) {
      if (abort.signal.aborted) return
      failed?.()
      if (!this.items || asProblem(error).status === 401) this.error = error
      else if (query.cursor !== undefined) toastProblem(error)
    }
    this.host.requestUpdate()
    if (!this.error && this.items?.some(item => this.options.moving?.(item)))
      this.#timer = setTimeout(() => void this.load(), refreshMs)
  }

  /** What was shown below the part that came again. */
  #after(shown: readonly T[], fresh: readonly T[]): readonly T[] {
    if (shown.length <= fresh.length) return []
    const keys = new Set(fresh.map(this.options.key))
    const last = shown.findLastIndex(item => keys.has(this.options.key(item)))
    return last < 0 ? [] : shown.slice(last + 1)
  }
}
