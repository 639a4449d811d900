import type { Knex } from '@nusantara/sdk'

/** What a list can be ordered by: its name in `?sort=` → an SQL expression that is text and never null. */
export type Orders<Name extends string> = Readonly<Record<Name, string>>

/** In `?sort=`: the name of an order, `-` before it for the other way round. */
export type Sort<Name extends string> = Name | `-${Name}`

export function sortsOf<Name extends string>(orders: Orders<Name>): Sort<Name>[] {
  return (Object.keys(orders) as Name[]).flatMap(name => [name, `-${name}` as const])
}

/**
 * One page of a query. Rows that are equal come in the order of their ids; a cursor is the last row's id and value, so that a
 * row that was deleted since, or a new one, moves no other.
 *
 * @param query of rows, not yet ordered
 * @param orders the first is taken where no `sort` is given
 * @param id column of the id
 */
export async function orderedPage<Row, Name extends string>(
  query: Knex.QueryBuilder,
  knex: Knex,
  orders: Orders<Name>,
  id: string,
  { sort, limit, cursor }: { readonly sort?: Sort<Name>; readonly limit: number; readonly cursor?: string },
): Promise<{ readonly rows: readonly Row[]; readonly nextCursor?: string }> {
  const chosen = sort ?? (sortsOf(orders)[0] as Sort<Name>)
  const descending = chosen.startsWith('-')
  const by = orders[chosen.replace(/^-/, '') as Name]
  const [direction, beyond] = descending ? ['desc', '<'] : ['asc', '>']
  query.select(knex.raw(`${by} as ordered_by`), knex.raw(`${id} as ordered_id`))
  query.orderByRaw(`${by} ${direction}, ${id} ${direction}`).limit(limit + 1)
  if (cursor) {
    const end = cursor.indexOf(' ')
    query.whereRaw(`(${by}, ${id}) ${beyond} (?, ?)`, [cursor.slice(end + 1), end < 0 ? '' : cursor.slice(0, end)])
  }
  const found: (Row & { readonly ordered_by: string; readonly ordered_id: string })[] = await query
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  return found.length > limit && last ? { rows, nextCursor: `${last.ordered_id} ${last.ordered_by}` } : { rows }
}
