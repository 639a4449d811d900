import type { Expiry } from '../../api.js'

/** What ends, where on the line: one certificate, or several that would lie on each other. */
export interface Mark {
  /** From the left, pixels. */
  readonly x: number
  readonly sites: readonly Expiry[]
  /** Of the worst of them. */
  readonly health: Expiry['health']
}

export interface Timeline {
  readonly marks: readonly Mark[]
  /** How many end within the time that is shown, or have ended. */
  readonly within: number
  readonly later: number
}

const dayMs = 86_400_000
const severity = { failed: 3, warning: 2, ok: 1, none: 0 } as const

/** Days that are shown. */
export const span = 90

/** From the left, pixels, on a line that is drawn between two margins; what has ended is at its beginning. */
export function xOf(time: number, { now, width, margin }: { now: number; width: number; margin: number }): number {
  const share = Math.min(1, Math.max(0, (time - now) / (span * dayMs)))
  return margin + share * (width - 2 * margin)
}

/** @param gap pixels between two marks at least: they have to be told apart, and hit */
export function timelineOf(
  sites: readonly Expiry[],
  line: { readonly now: number; readonly width: number; readonly margin: number; readonly gap: number },
): Timeline {
  const ending = sites.map(site => ({ site, end: Date.parse(site.notAfter) })).sort((a, b) => a.end - b.end)
  const shown = ending.filter(({ end }) => end - line.now <= span * dayMs)
  const groups: { first: number; sites: Expiry[] }[] = []
  for (const { site, end } of shown) {
    const x = xOf(end, line)
    const last = groups.at(-1)
    if (last && x - last.first < line.gap) last.sites.push(site)
    else groups.push({ first: x, sites: [site] })
  }
  return {
    marks: groups.map(({ first, sites }) => ({
      x: first,
      sites,
      health: sites.reduce(
        (worst, { health }) => (severity[health] > severity[worst] ? health : worst),
        'none' as Mark['health'],
      ),
    })),
    within: shown.length,
    later: ending.length - shown.length,
  }
}
