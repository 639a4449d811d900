import { domainToASCII } from 'node:url'
import { type Actor, invalidInput, type Page, type PluginContext } from '@nusantara/sdk'
import type { Site } from '../../api.js'
import { type StoredSite, toSite } from '../models/site-row.js'

export interface ListQuery {
  readonly q?: string
  readonly limit?: number
  readonly cursor?: string
  readonly sort?: SortKey
}

const orders = {
  domain: ['domain', 'asc'],
  '-domain': ['domain', 'desc'],
  created: ['created_at', 'asc'],
  '-created': ['created_at', 'desc'],
} as const

export type SortKey = keyof typeof orders
export const sortKeys = Object.keys(orders) as SortKey[]

/** Pages by the last row seen (keyset), so that page 100 costs what page 1 does. */
export async function listSites(
  { db, resources }: Pick<PluginContext, 'db' | 'resources'>,
  actor: Actor,
  { q, limit = 50, cursor, sort = 'domain' }: ListQuery,
): Promise<Page<Site>> {
  const [column, direction] = orders[sort]
  const matching = () => {
    const query = resources.scope(db.knex('sites_sites as s'), actor, 's.id')
    if (q)
      query.whereIn(
        's.id',
        db
          .knex('sites_names')
          .select('site_id')
          .whereRaw("name like ? escape '\\' or name like ? escape '\\'", [like(q), like(domainToASCII(q) || q)]),
      )
    return query
  }
  const page = matching()
    .select('s.*')
    .orderBy([
      { column: `s.${column}`, order: direction },
      { column: 's.id', order: direction },
    ])
    .limit(limit + 1)
  if (cursor) {
    const [value, id] = decode(cursor)
    const past = direction === 'asc' ? '>' : '<'
    page.where(after =>
      after.where(`s.${column}`, past, value).orWhere(same => same.where(`s.${column}`, value).where('s.id', past, id)),
    )
  }
  const rows: RawRow[] = await page
  const counted: { total: number | string }[] = await matching().count({ total: '*' })
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return {
    items: shown.map(row => toSite({ ...row, spec: JSON.parse(row.spec) as StoredSite['spec'] })),
    total: Number(counted[0]?.total ?? 0),
    ...(last && { nextCursor: encode(last[column], last.id) }),
  }
}

type RawRow = Omit<StoredSite, 'spec'> & { readonly spec: string }

function like(q: string): string {
  return `%${q.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
}

function encode(value: string, id: string): string {
  return Buffer.from(JSON.stringify([value, id])).toString('base64url')
}

function decode(cursor: string): [string, string] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(parsed) && parsed.length === 2 && parsed.every(part => typeof part === 'string'))
      return parsed as [string, string]
  } catch {
    // Told below, in the same words as any other cursor that is not ours.
  }
  throw invalidInput([
    { path: 'cursor', code: 'sites.cursor', message: 'cursor is not one that this list gave; start without it' },
  ])
}
