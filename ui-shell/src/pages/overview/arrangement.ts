import { prefer, preferredList } from '@nusantara/sdk/ui'

const orderKey = 'overview.order'
const hiddenKey = 'overview.hidden'

export interface Arranged<T> {
  readonly shown: readonly T[]
  readonly hidden: readonly T[]
}

/** As the reader arranged it. What they never placed, such as the card of a new plugin, comes last, in its own order. */
export function arrange<T extends { readonly id: string }>(cards: readonly T[]): Arranged<T> {
  const order = preferredList(orderKey)
  const hidden = new Set(preferredList(hiddenKey))
  const place = ({ id }: T) => (order.includes(id) ? order.indexOf(id) : order.length)
  const sorted = cards.toSorted((a, b) => place(a) - place(b))
  return { shown: sorted.filter(({ id }) => !hidden.has(id)), hidden: sorted.filter(({ id }) => hidden.has(id)) }
}

/** One place further up or down among those that are shown. */
export function move(ids: readonly string[], id: string, by: 1 | -1): void {
  const from = ids.indexOf(id)
  const to = from + by
  if (from < 0 || to < 0 || to >= ids.length) return
  const next = ids.toSpliced(from, 1).toSpliced(to, 0, id)
  // Cards that are away now, such as those of a plugin that is disabled, keep a place.
  prefer(orderKey, [...next, ...preferredList(orderKey).filter(other => !next.includes(other))])
}

export function hide(id: string): void {
  prefer(hiddenKey, [...new Set([...preferredList(hiddenKey), id])])
}

export function unhide(id: string): void {
  prefer(
    hiddenKey,
    preferredList(hiddenKey).filter(other => other !== id),
  )
}

export function isArranged(): boolean {
  return preferredList(orderKey).length + preferredList(hiddenKey).length > 0
}

/** As it was at first. */
export function forgetArrangement(): void {
  prefer(orderKey, null)
  prefer(hiddenKey, null)
}
