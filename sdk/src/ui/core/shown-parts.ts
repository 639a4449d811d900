import type { ReactiveController, ReactiveControllerHost } from 'lit'

/** Beyond the window, so that scrolling meets what is there already. */
const margin = '900px 0px'
/** Of a row that was never in the page. Pixels. */
const rowHeight = 45
/** At first, before it is known where the window is. */
const firstParts = 2

/**
 * Which parts of something long are near the window. The others are left out of the page and leave their height, so that ten
 * thousand rows cost what a hundred do.
 */
export class ShownParts implements ReactiveController {
  readonly #observer = new IntersectionObserver(entries => this.#moved(entries), { rootMargin: margin })
  readonly #shown = new Set<number>([...Array(firstParts).keys()])
  readonly #heights = new Map<number, number>()
  #observed: Element[] = []

  constructor(
    private readonly host: ReactiveControllerHost & Element,
    private readonly elements: () => Iterable<Element>,
  ) {
    host.addController(this)
  }

  hostDisconnected(): void {
    this.#observer.disconnect()
    this.#observed = []
  }

  shows(part: number): boolean {
    return this.#shown.has(part)
  }

  /** Pixels that a part takes which is not shown. */
  heightOf(part: number, rows: number): number {
    return this.#heights.get(part) ?? rows * rowHeight
  }

  /** After each rendering: follows the elements of the parts that there are now. */
  observe(count: number): void {
    if (count <= 1) return
    const elements = [...this.elements()]
    if (elements.length === this.#observed.length && elements.every((each, at) => each === this.#observed[at])) return
    this.#observer.disconnect()
    this.#observed = elements
    for (const element of elements) this.#observer.observe(element)
  }

  #moved(entries: readonly IntersectionObserverEntry[]): void {
    let changed = false
    for (const { target, isIntersecting, boundingClientRect } of entries) {
      const part = this.#observed.indexOf(target)
      // What has the focus stays, wherever the reader looks.
      if (part < 0 || isIntersecting === this.#shown.has(part) || (!isIntersecting && target.matches(':focus-within')))
        continue
      changed = true
      if (isIntersecting) this.#shown.add(part)
      else {
        this.#shown.delete(part)
        this.#heights.set(part, boundingClientRect.height)
      }
    }
    if (changed) this.host.requestUpdate()
  }
}
