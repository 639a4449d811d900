import type { Actor } from '@nusantara/sdk'
import type { Sites } from '../service.js'
import type { SiteDeps } from './deps.js'

/**
 * The panel makes itself a new certificate before the old one ends. Where it is published, the web server has a copy of it:
 * a site whose copy is another one is rendered again. Files that somebody edited are left to the administrator.
 */
export async function renewCertificates(
  deps: SiteDeps,
  sites: Sites,
  actor: Actor,
  signal: AbortSignal,
): Promise<void> {
  for (const site of await deps.store.ofPanel()) {
    const contributions = await deps.contributions(site, { actor, account: site.accountId, signal })
    const { summary: _, ...change } = await deps.vhost(site, contributions)
    const { files } = await deps.context.broker.planChange(change, { actor, signal })
    const outdated = files.some(({ path, action }) => path.endsWith('.pem') && action === 'modify')
    if (outdated && !files.some(({ drift }) => drift)) await sites.render(actor, site.id)
  }
}
