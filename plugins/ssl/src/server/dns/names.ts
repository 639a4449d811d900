/** Lower case, without the trailing dot: as every name is held here. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}

/** A name that a record of ours may stand at or lead to: letters, digits, hyphens and underscores, at least two labels. */
export function isRecordName(name: string): boolean {
  return name.length <= 253 && /^(?:[a-z0-9_-]{1,63}\.)+[a-z0-9-]{1,63}$/i.test(name)
}

/** True for the zone's own name and for everything below it. */
export function within(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`)
}

/** The name, its parent and so on to the last label; the root is none of them. */
export function upwards(name: string): readonly string[] {
  const labels = name.split('.')
  return labels.map((_, index) => labels.slice(index).join('.'))
}
