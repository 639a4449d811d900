import type { Knex } from '@nusantara/sdk'

/** Of dotted names the one that is given, and those below it: `jobs` is also `jobs.cancel`. */
export function whereBelow(query: Knex.QueryBuilder, column: string, name: string): void {
  query.where(one => one.where(column, name).orWhereRaw("?? like ? escape '\\'", [column, `${literal(name)}.%`]))
}

/** The same of one name. */
export function isBelow(name: string, wanted: string): boolean {
  return name === wanted || name.startsWith(`${wanted}.`)
}

/** A text for a pattern of `like` in which it means itself. */
export function literal(text: string): string {
  return text.replaceAll(/[\\%_]/g, character => `\\${character}`)
}
