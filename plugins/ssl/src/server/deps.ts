import { type Site, type SitesService, sitesService, type VhostContribution } from '@nusantara/plugin-sites/api'
import type { Actor, PluginContext, TenantId } from '@nusantara/sdk'
import { Authorities } from './authorities/authorities.js'
import { contributionOf } from './contribution.js'
import { Providers } from './dns/providers.js'
import { SiteUnknown } from './errors.js'
import type { SslSettings } from './settings.js'
import type { StoredCertificate, StoredSite } from './store/rows.js'
import { Store } from './store/store.js'

/** What the steps of this plugin's jobs work with. */
export class SslDeps {
  readonly store: Store
  readonly authorities: Authorities
  readonly providers: Providers
  readonly sites: SitesService

  constructor(
    readonly context: PluginContext,
    readonly settings: { get(): Promise<SslSettings> },
    readonly now: () => Date = () => new Date(),
    readonly random: () => number = Math.random,
  ) {
    this.store = new Store(context.db)
    this.authorities = new Authorities(context, settings)
    this.providers = new Providers(context, settings)
    this.sites = context.services.require(sitesService)
  }

  /** @throws ssl.site_not_found */
  async site(actor: Actor, id: string): Promise<Site> {
    const site = await this.sites.get(actor, id)
    if (!site) throw SiteUnknown()
    return site
  }

  async tenant(actor: Actor, id: string): Promise<TenantId> {
    return (await this.site(actor, id)).tenant
  }

  /** Every site that the actor sees. */
  async allSites(actor: Actor): Promise<readonly Site[]> {
    const found: Site[] = []
    for (let after: string | undefined; ; ) {
      const page = await this.sites.list(actor, { limit: 1000, ...(after !== undefined && { after }) })
      found.push(...page)
      after = page.at(-1)?.domain
      if (page.length < 1000) return found
    }
  }

  /** Ids of sites that answer with this server's account at an authority. */
  async sitesOf(actor: Actor, authority: string): Promise<readonly string[]> {
    const byDefault = await this.authorities.default()
    const orders = new Map((await this.store.sites()).map(({ siteId, order }) => [siteId, order?.authority]))
    return (await this.allSites(actor)).map(({ id }) => id).filter(id => (orders.get(id) ?? byDefault) === authority)
  }

  /** What is served for a site; null: nothing. */
  async served(stored: StoredSite): Promise<StoredCertificate | null> {
    return stored.certificateId === null ? null : this.store.certificate(stored.certificateId)
  }

  /** What this plugin contributes to a site when it stands so. */
  async contribution(
    site: Pick<Site, 'domain' | 'aliases'>,
    stored: StoredSite,
    certificate: StoredCertificate | null,
  ): Promise<VhostContribution> {
    return contributionOf(site, stored, certificate, await this.thumbprint(stored))
  }

  /** Of the account that a site answers challenges with. */
  async thumbprint({ order }: Pick<StoredSite, 'order'>): Promise<string> {
    return this.authorities.thumbprint(order?.authority ?? (await this.authorities.default()))
  }
}
