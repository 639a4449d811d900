import type { Contribution, DescribedChange } from '@nusantara/sdk'
import type { PhpRuntime, Site, SiteSpec, VhostContribution } from '../../api.js'
import { namesOf } from '../models/site-row.js'
import { poolTree } from '../pool/pool-tree.js'
import { extendedTree } from '../vhost/server-block.js'

/** The web server file of a site. Every name must answer afterwards; for a wildcard the broker asks one it covers. */
export function vhostChange(site: Site, contributions: readonly Contribution<VhostContribution>[]): DescribedChange {
  return {
    summary: site.suspended
      ? { code: 'sites.plan.suspend', params: { domain: site.domain } }
      : { code: 'sites.plan.vhost', params: { domain: site.domain, names: namesOf(site).join(', ') } },
    change: 'vhost',
    tenant: site.tenant,
    files: {
      vhost: extendedTree(
        site,
        contributions.map(({ value }) => value),
      ),
    },
    names: namesOf(site),
  }
}

export function vhostRemoval(site: Site): DescribedChange {
  return {
    summary: { code: 'sites.plan.vhost_remove', params: { domain: site.domain } },
    change: 'vhost',
    tenant: site.tenant,
    files: { vhost: null },
  }
}

export function poolChange(site: Site, runtime: PhpRuntime): DescribedChange {
  return {
    summary: { code: 'sites.plan.pool', params: { domain: site.domain, version: runtime.version } },
    change: 'pool',
    tenant: site.tenant,
    params: { phpVersion: runtime.version },
    files: { pool: poolTree(site.tenant, site, runtime) },
  }
}

export function poolRemoval(site: Site, runtime: PhpRuntime): DescribedChange {
  return {
    summary: { code: 'sites.plan.pool_remove', params: { domain: site.domain, version: runtime.version } },
    change: 'pool',
    tenant: site.tenant,
    params: { phpVersion: runtime.version },
    files: { pool: null },
  }
}

/** The FPM master that a site needs; none while it is suspended. */
export function phpOf(spec: SiteSpec): PhpRuntime | null {
  return spec.runtime.type === 'php' && !spec.suspended ? spec.runtime : null
}

/** Whether a site serves files of its document root. */
export function servesFiles({ runtime }: SiteSpec): boolean {
  return runtime.type === 'static' || runtime.type === 'php'
}
