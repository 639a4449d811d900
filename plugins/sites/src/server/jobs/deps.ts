import type { Actor, PluginContext } from '@nusantara/sdk'
import { type Contribution, holds, type Knex, type Scope } from '@nusantara/sdk'
import { type Site, type SiteSpec, type VhostContribution, vhostHook } from '../../api.js'
import { BaseConfiguration } from '../base/base-configuration.js'
import { parseSite, type SiteRules } from '../input/parse-site.js'
import type { DirectivesBody, UpdateBody } from '../input/site-input.js'
import { specOf } from '../models/site-row.js'
import { SiteStore } from '../store/site-store.js'
import { vhostTree } from '../vhost/server-block.js'

/** What a queued update will make of a site, decided when it runs, so that updates in a row add up. */
export interface SiteChange {
  readonly id: string
  readonly patch: UpdateBody & Partial<DirectivesBody>
  readonly suspended?: boolean
}

/** What the steps of this plugin's jobs work with. */
export class SiteDeps {
  readonly store: SiteStore
  readonly base: BaseConfiguration

  constructor(readonly context: PluginContext) {
    this.store = new SiteStore(context)
    this.base = new BaseConfiguration(context)
  }

  get profile(): 'sandbox' | 'system' {
    return this.context.host.profile
  }

  async rules(actor: Actor): Promise<SiteRules> {
    const { host, broker } = this.context
    return {
      panelHosts: host.panelHosts,
      ports: { http: host.ports.http, https: host.ports.https },
      ownPorts: Object.values(host.ports),
      php: newestFirst(await broker.versions('php')),
      anyUpstream: actor.admin,
      directives: holds(actor, 'sites:directives'),
    }
  }

  /** The specification after a change. @throws invalid_input */
  async changed(site: Site, change: SiteChange, actor: Actor): Promise<SiteSpec> {
    const spec = parseSite(change.patch, await this.rules(actor), specOf(site))
    return change.suspended === undefined ? spec : { ...spec, suspended: change.suspended }
  }

  /** What other plugins add to the web server file of the site, frozen ones included. Writes nothing. */
  contributions(site: Site, scope: Scope): Promise<readonly Contribution<VhostContribution>[]> {
    return this.context.hooks.contributions(vhostHook, scope, site.id, { site, tree: vhostTree(site) })
  }

  keep(
    trx: Knex.Transaction,
    siteId: string,
    contributions: readonly Contribution<VhostContribution>[],
  ): Promise<void> {
    return this.context.hooks.keep(trx, vhostHook, siteId, contributions)
  }
}

function newestFirst(versions: readonly string[]): string[] {
  return [...versions].sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
}
