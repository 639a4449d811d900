/** Letters without case and accents. */
function plain(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLocaleLowerCase()
}

/**
 * How well a text answers what was typed: the lower the better, undefined when not at all. Every word that was typed begins a
 * word of the text, or stands somewhere in it; the whole at the beginning is best.
 */
export function rank(text: string, typed: string): number | undefined {
  const where = plain(text)
  const wanted = plain(typed).split(/\s+/).filter(Boolean)
  if (!wanted.length) return 0
  if (where.startsWith(wanted.join(' '))) return 0
  let sum = 1
  for (const word of wanted) {
    const at = where.indexOf(word)
    if (at < 0) return undefined
    const begins = where.split(/[^\p{L}\p{N}]+/u).some(each => each.startsWith(word))
    sum += begins ? 1 : 4
  }
  return sum
}

/** Those that answer, the best first; equals stay in their order. */
export function matching<T>(items: readonly T[], typed: string, textOf: (item: T) => string): readonly T[] {
  return items
    .map(item => ({ item, place: rank(textOf(item), typed) }))
    .filter(({ place }) => place !== undefined)
    .toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0))
    .map(({ item }) => item)
}
