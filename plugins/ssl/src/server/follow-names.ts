import type { Site, SiteSpec } from '@nusantara/plugin-sites/api'
import type { Actor } from '@nusantara/sdk'
import type { CertificateOrder } from '../api.js'
import type { SslDeps } from './deps.js'
import { provableNames } from './order-names.js'
import { coverage } from './pem/names.js'
import { budget } from './renewal/limits.js'
import type { Ssl } from './service.js'

/**
 * After a change of a site's names: where its certificate was for all of them, one for all that it has now is ordered, once,
 * in place of the one that is served. Who chose some of the names goes on with those; so does a site that is proven by DNS,
 * because whoever names sites may not have a provider prove names for them. Where it fails (a new name does not lead
 * here yet), the one that is served stays, the site says why, and the next renewal asks for what the last order that succeeded
 * asked for.
 */
export class NameFollower {
  constructor(
    private readonly deps: SslDeps,
    private readonly ssl: Ssl,
  ) {}

  async changed(actor: Actor, { id }: Pick<Site, 'id'>, before: SiteSpec): Promise<void> {
    const { sites, store, context } = this.deps
    try {
      // As it is by now: of several changes one order does for all.
      const site = await sites.get(actor, id)
      const stored = await store.site(id)
      const served = await this.deps.served(stored)
      if (!site || !served || !stored.order) return
      const { order } = stored
      if (order.challenge !== 'http-01') return
      if (!provableNames(before, order.challenge).every(name => order.names.includes(name))) return
      const names = provableNames(site, order.challenge)
      if (coverage({ names: served.names, addresses: [] }, names).missing.length === 0) return
      const at = await this.#allowed({ ...order, names })
      await this.ssl.issueFor(
        actor,
        id,
        { ...order, names },
        { insteadOf: served.id, allNames: true, ...(at && { at }) },
      )
    } catch (error) {
      // The event would come again and again, and with it everything behind it.
      context.log.warn({ err: error, siteId: id }, 'no certificate was ordered for the new names of a site')
    }
  }

  /** When the authority's limits leave room; null: now. Those of others than Let's Encrypt are not known. */
  async #allowed({ authority, names }: CertificateOrder): Promise<Date | null> {
    const { authorities, store, now } = this.deps
    if (!(await authorities.require(authority)).builtIn) return null
    return budget({ names, events: await store.events(authority, now()), now: now() }).blockedUntil
  }
}
