import { routeEvent } from '@nusantara/sdk/ui'
import type { ReactiveController, ReactiveControllerHost } from 'lit'

/**
 * What narrows a page's list down, kept in the address: a reload, the back button and a link to the page show the same. Tells
 * the page when they change, by the reader or by a link to the same page.
 */
export class Filters<Name extends string> implements ReactiveController {
  readonly #path = location.pathname
  #values = new Map<Name, string>()

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly names: readonly Name[],
    private readonly changed: (how: { readonly typing: boolean }) => void,
  ) {
    host.addController(this)
    this.#values = this.#read()
  }

  hostConnected(): void {
    window.addEventListener(routeEvent, this.#moved)
  }

  hostDisconnected(): void {
    window.removeEventListener(routeEvent, this.#moved)
  }

  /** Empty where it is not set. */
  get(name: Name): string {
    return this.#values.get(name) ?? ''
  }

  /** As the API takes them: what is not set is left out. */
  get query(): Readonly<Partial<Record<Name, string>>> {
    return Object.fromEntries(this.#values) as Partial<Record<Name, string>>
  }

  get any(): boolean {
    return this.#values.size > 0
  }

  set(name: Name, value: string | undefined, { typing = false } = {}): void {
    if (this.get(name) === (value ?? '')) return
    if (value) this.#values.set(name, value)
    else this.#values.delete(name)
    this.#keep()
    this.host.requestUpdate()
    this.changed({ typing })
  }

  clear(): void {
    if (!this.any) return
    this.#values = new Map()
    this.#keep()
    this.host.requestUpdate()
    this.changed({ typing: false })
  }

  #keep(): void {
    const search = new URLSearchParams(location.search)
    for (const name of this.names) search.delete(name)
    for (const [name, value] of this.#values) search.set(name, value)
    const text = search.size ? `?${search}` : ''
    history.replaceState(history.state, '', location.pathname + text + location.hash)
  }

  #moved = (): void => {
    if (location.pathname !== this.#path) return
    const next = this.#read()
    const same = [...next].join('\n') === [...this.#values].join('\n')
    if (same) return
    this.#values = next
    this.host.requestUpdate()
    this.changed({ typing: false })
  }

  #read(): Map<Name, string> {
    const search = new URLSearchParams(location.search)
    const values = new Map<Name, string>()
    for (const name of this.names) {
      const value = search.get(name)
      if (value) values.set(name, value)
    }
    return values
  }
}
