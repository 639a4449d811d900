/** First port that no service of the system has by right (RFC 6335 §6). */
export const lowestPort = 1024

export interface PortRange {
  readonly from: number
  readonly to: number
}

/** `3000-3999, 8000` as ranges; null when it says anything else. */
export function parsePorts(text: string): readonly PortRange[] | null {
  if (text.trim() === '') return []
  const ranges = text.split(',').map(part => {
    const match = /^\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?\s*$/.exec(part)
    return match && { from: Number(match[1]), to: Number(match[2] ?? match[1]) }
  })
  const valid = (range: PortRange | null): range is PortRange =>
    range !== null && range.from >= lowestPort && range.from <= range.to && range.to <= 65_535
  return ranges.every(valid) ? ranges : null
}

export function holdsPort(ranges: readonly PortRange[], port: number): boolean {
  return ranges.some(({ from, to }) => port >= from && port <= to)
}

/** In the form that {@link parsePorts} reads. */
export function showPorts(ranges: readonly PortRange[]): string {
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(', ')
}
