import { Model, type TenantId } from '@nusantara/sdk'
import type { Site, SiteSpec, SiteState } from '../../api.js'
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
  declare state: SiteState
  declare suspended: number
  declare spec: StoredSpec
  declare created_at: string
  declare updated_at: string
}

export interface StoredSite {
  readonly id: string
  readonly tenant: TenantId
  readonly account_id: string
  readonly domain: string
  readonly state: SiteState
  readonly suspended: number
  readonly spec: StoredSpec
  readonly created_at: string
  readonly updated_at: string
}

/** The site as everybody else sees it. */
export function toSite(row: StoredSite): Site {
  return {
    id: row.id,
    tenant: row.tenant,
    accountId: row.account_id,
    state: row.state,
    domain: row.domain,
    unicodeDomain: unicodeName(row.domain),
    ...row.spec,
    suspended: Number(row.suspended) === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
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
