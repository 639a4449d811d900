import { type ChangeRequest, type DescribedChange, directive, type Tree } from '@nusantara/sdk'
import type { PhpRuntime, Site, SiteSpec, SiteTls } from '../../api.js'
import { namesOf } from '../models/site-row.js'
import { poolTree } from '../pool/pool-tree.js'

/**
 * The web server file of a site. Every name must answer afterwards; for a wildcard the broker asks one it covers.
 *
 * @param certificate of the panel under this name; null: none any more; absent: the site has nothing to do with it
 */
export function vhostChange(site: Site, vhost: Tree, certificate?: Tree | null, tls?: SiteTls): DescribedChange {
  return {
    summary: site.suspended
      ? { code: 'sites.plan.suspend', params: { domain: site.domain } }
      : { code: 'sites.plan.vhost', params: { domain: site.domain, names: namesOf(site).join(', ') } },
    change: 'vhost',
    tenant: site.tenant,
    files: { vhost, ...(certificate !== undefined && { certificate }), ...tlsFiles(site.tenant, tls) },
    names: namesOf(site),
    ...(tls && { secureNames: namesOf(site).filter(name => tls.names.includes(name)) }),
  }
}

/** Bytes of a word of the web server's configuration, less than its own 4,096. As in the grammars. */
const pieceBytes = 3900
const pieces = 3

/**
 * What the listener looks a certificate up in: which names are the site's, its chain in pieces, its key. One set of files a
 * site, so that a renewal touches no other one's.
 */
function tlsFiles(tenant: string, tls: SiteTls | undefined): ChangeRequest['files'] {
  if (!tls) return { names: null, modern: null, key: null, chain0: null, chain1: null, chain2: null }
  const chain = tls.chain.join(' ')
  // The broker cuts it, and refuses what does not fit.
  const needed = Math.min(pieces, piecesOf(tls.chain))
  const piece = (index: number) => (index < needed ? [directive(tenant, [chain])] : null)
  const names = tls.names.map(name => directive(lookedUp(name), [tenant]))
  return {
    names,
    modern: tls.modern ? [directive(tenant, ['1'])] : null,
    key: [directive(tenant, [tls.key])],
    chain0: piece(0),
    chain1: piece(1),
    chain2: piece(2),
  }
}

/** Bytes of a key that the web server's maps take as they come; larger ones would need a directive that others may have. */
const longestKey = 46

/** How a name stands in a map of names: itself, or as an expression where it is too long for that. */
function lookedUp(name: string): string {
  const keys = name.startsWith('*.') ? name.split('.') : [name]
  if (keys.every(key => key.length <= longestKey)) return name
  const text = name.replace(/^\*\./, '').replaceAll('.', '\\.')
  return `~*^${name.startsWith('*.') ? '[^.]+\\.' : ''}${text}\\z`
}

/** How many words a chain fills: whole lines of PEM, each with two bytes for its end. */
function piecesOf(chain: readonly string[]): number {
  let count = 1
  let filled = 0
  for (const der of chain)
    for (const length of [27, ...lineLengths(der), 25]) {
      if (filled + length + 1 > pieceBytes) {
        count++
        filled = 0
      }
      filled += length + 1
    }
  return count
}

/** Of base64 in lines of 64, each with its end. */
function lineLengths(der: string): number[] {
  return Array.from({ length: Math.ceil(der.length / 64) }, (_, line) => Math.min(64, der.length - line * 64) + 1)
}

export function vhostRemoval(site: Site): DescribedChange {
  return {
    summary: { code: 'sites.plan.vhost_remove', params: { domain: site.domain } },
    change: 'vhost',
    tenant: site.tenant,
    files: {
      vhost: null,
      ...(site.runtime.type === 'panel' && { certificate: null }),
      ...tlsFiles(site.tenant, undefined),
    },
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
