import { type Actor, Model, type TenantId } from '@nusantara/sdk'
import type { Authority, Site, SiteSpec, SiteState, Suspension } from '../../api.js'
import { unicodeName } from '../domain/domain-name.js'

/** What of a specification has no column of its own. */
type StoredSpec = Omit<SiteSpec, 'domain' | 'suspended'>

/** A row of `sites_sites`. Bound to a connection per query; never globally, because several panels may share a process. */
export class SiteRow extends Model {
  static override tableName = 'sites_sites'
  static override jsonAttributes = ['spec']

  declare id: string
  declare tenant: TenantId
  declare account_id: string
  declare domain: string
  /** `deleting`: whatever its job, because its tenant is gone. */
  declare state: SiteState
  declare suspended: number
  declare suspended_by: Authority | null
  declare suspended_at: string | null
  declare suspended_reason: string | null
  declare target_by: Authority | null
  declare creating_job: string | null
  declare deleting_job: string | null
  declare spec: StoredSpec
  declare created_at: string
  declare updated_at: string
}

export type StoredSite = Readonly<Omit<SiteRow, keyof Model>>

/** The site as everybody else sees it. */
export function toSite(row: StoredSite): Site {
  const state = row.deleting_job ? 'deleting' : row.state
  const job = row.deleting_job ?? row.creating_job
  const suspension = suspensionOf(row)
  return {
    id: row.id,
    tenant: row.tenant,
    accountId: row.account_id,
    state,
    ...(state !== 'active' && job && { job }),
    domain: row.domain,
    unicodeDomain: unicodeName(row.domain),
    ...row.spec,
    suspended: Number(row.suspended) === 1,
    ...(suspension && { suspension }),
    ...(row.spec.runtime.type === 'proxy' && row.target_by && { proxyTargetBy: row.target_by }),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function suspensionOf(row: StoredSite): Suspension | undefined {
  if (Number(row.suspended) !== 1 || !row.suspended_by) return undefined
  return {
    by: row.suspended_by,
    at: row.suspended_at ?? row.updated_at,
    ...(row.suspended_reason && { reason: row.suspended_reason }),
  }
}

/** The columns that a specification fills. */
export function columns({ domain, suspended, ...spec }: SiteSpec): Pick<StoredSite, 'domain' | 'suspended' | 'spec'> {
  const { aliases, runtime, documentRoot, index, errorPages, uploadLimit, directives } = spec
  return {
    domain,
    suspended: suspended ? 1 : 0,
    spec: { aliases, runtime, documentRoot, index, errorPages, uploadLimit, directives },
  }
}

/** The specification of a site alone. */
export function specOf(site: SiteSpec): SiteSpec {
  const { domain, suspended } = site
  return { domain, suspended, ...columns(site).spec }
}

export function namesOf({ domain, aliases }: Pick<SiteSpec, 'domain' | 'aliases'>): readonly string[] {
  return [domain, ...aliases]
}

/** With whose rights an actor decides. */
export function authorityOf(actor: Pick<Actor, 'admin'>): Authority {
  return actor.admin ? 'administrator' : 'owner'
}

/**
 * Who chose the target that a site will have. One that stays keeps its chooser, unless an administrator names it again.
 *
 * @param named whether the change names the target
 */
export function targetAuthority(
  { runtime }: Pick<SiteSpec, 'runtime'>,
  actor: Pick<Actor, 'admin'>,
  before?: Pick<Site, 'runtime' | 'proxyTargetBy'>,
  named = true,
): Authority | null {
  if (runtime.type !== 'proxy') return null
  const kept = before?.runtime.type === 'proxy' && before.runtime.target === runtime.target
  return kept && !(named && actor.admin) ? (before.proxyTargetBy ?? null) : authorityOf(actor)
}
