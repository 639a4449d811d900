import { type Actor, type DashboardCard, holds, type PluginContext, type SearchResult } from '@nusantara/sdk'
import type { Site } from '../api.js'
import type { Sites } from './service.js'

const newest = 4

/** The card of the overview: how many sites there are, which ask for attention, and the newest. */
export async function sitesCard(
  context: Pick<PluginContext, 'db' | 'resources'>,
  sites: Sites,
  actor: Actor,
): Promise<DashboardCard | null> {
  if (!holds(actor, 'sites:read')) return null
  const [{ total = 0, items }, broken, suspended] = await Promise.all([
    sites.page(actor, { sort: '-created', limit: newest }),
    countOf(context, actor, { state: 'pending' }),
    countOf(context, actor, { suspended: 1 }),
  ])
  return {
    title: { code: 'sites.nav' },
    icon: 'globe',
    href: '/sites',
    figures: [
      { label: { code: 'sites.card.total' }, value: total },
      ...(suspended ? [{ label: { code: 'sites.card.suspended' }, value: suspended, tone: 'warning' as const }] : []),
      ...(broken ? [{ label: { code: 'sites.card.pending' }, value: broken, tone: 'neutral' as const }] : []),
    ],
    rows: items.map(rowOf),
    ...(total === 0 &&
      holds(actor, 'sites:write') && { action: { label: { code: 'sites.card.first' }, href: '/sites/new' } }),
  }
}

function rowOf({ id, unicodeDomain, suspended, state }: Site): NonNullable<DashboardCard['rows']>[number] {
  return {
    text: unicodeDomain,
    href: `/sites/${id}`,
    ...(suspended && { tone: 'warning' as const, detail: { code: 'sites.card.suspended' } }),
    ...(state !== 'active' && { tone: 'neutral' as const, detail: { code: 'sites.card.pending' } }),
  }
}

async function countOf(
  { db, resources }: Pick<PluginContext, 'db' | 'resources'>,
  actor: Actor,
  where: Readonly<Record<string, unknown>>,
): Promise<number> {
  const query = resources.scope(db.knex('sites_sites as s'), actor, 's.id').where(where)
  const rows: { count: number | string }[] = await query.count({ count: '*' })
  return Number(rows[0]?.count)
}

/** Sites by any of their names, for the search over everything. */
export async function searchSites(sites: Sites, actor: Actor, q: string): Promise<readonly SearchResult[]> {
  if (!holds(actor, 'sites:read')) return []
  const { items } = await sites.page(actor, { q, limit: 8 })
  return items.map(({ id, unicodeDomain }) => ({
    title: unicodeDomain,
    href: `/sites/${id}`,
    kind: { code: 'sites.kind' },
  }))
}
