import type { DescribedChange, Tree } from '@nusantara/sdk'
import type { PhpRuntime, Site, SiteSpec } from '../../api.js'
import { namesOf } from '../models/site-row.js'
import { poolTree } from '../pool/pool-tree.js'

/**
 * The web server file of a site. Every name must answer afterwards; for a wildcard the broker asks one it covers.
 *
 * @param certificate of the panel under this name; null: none any more; absent: the site has nothing to do with it
 */
export function vhostChange(site: Site, vhost: Tree, certificate?: Tree | null): DescribedChange {
  return {
    summary: site.suspended
      ? { code: 'sites.plan.suspend', params: { domain: site.domain } }
      : { code: 'sites.plan.vhost', params: { domain: site.domain, names: namesOf(site).join(', ') } },
    change: 'vhost',
    tenant: site.tenant,
    files: { vhost, ...(certificate !== undefined && { certificate }) },
    names: namesOf(site),
  }
}

export function vhostRemoval(site: Site): DescribedChange {
  return {
    summary: { code: 'sites.plan.vhost_remove', params: { domain: site.domain } },
    change: 'vhost',
    tenant: site.tenant,
    files: { vhost: null, ...(site.runtime.type === 'panel' && { certificate: null }) },
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
