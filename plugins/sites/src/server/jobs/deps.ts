import type { Actor, DescribedChange, PluginContext } from '@nusantara/sdk'
import { type Contribution, holds, type JobState, type Knex, type Scope } from '@nusantara/sdk'
import { type Site, type SiteSpec, type Suspension, type VhostContribution, vhostHook } from '../../api.js'
import { requireAuthorityToChange, requireStanding } from '../admission.js'
import { BaseConfiguration } from '../base/base-configuration.js'
import { Fields } from '../input/fields.js'
import { parsePanel, parseTarget } from '../input/parse-runtime.js'
import { parseSite } from '../input/parse-site.js'
import { type PortRange, parsePorts } from '../input/port-ranges.js'
import type { DirectivesBody, UpdateBody } from '../input/site-input.js'
import type { SiteRules } from '../input/site-rules.js'
import { specOf } from '../models/site-row.js'
import type { SiteSettings } from '../settings.js'
import { SiteStore } from '../store/site-store.js'
import { pemTree } from '../vhost/pem-tree.js'
import { extendedTree, needsCertificate, tlsOf, vhostTree } from '../vhost/server-block.js'
import { vhostChange } from './changes.js'

/** What a queued update will make of a site, decided when it runs, so that updates in a row add up. */
export interface SiteChange {
  readonly id: string
  readonly patch: UpdateBody & Partial<DirectivesBody>
  readonly suspended?: boolean
  /** With `suspended: true`: with whose rights it was asked for, whoever tries the job again. */
  readonly suspension?: Omit<Suspension, 'at'>
}

/** What the steps of this plugin's jobs work with. */
export class SiteDeps {
  readonly store: SiteStore
  readonly base: BaseConfiguration

  constructor(
    readonly context: PluginContext,
    private readonly settings: { get(): Promise<SiteSettings> },
  ) {
    this.store = new SiteStore(context)
    this.base = new BaseConfiguration(context)
  }

  async rules(actor: Actor): Promise<SiteRules> {
    const { host, broker } = this.context
    return {
      panelHosts: host.panelHosts,
      ports: { http: host.ports.http, https: host.ports.https },
      ownPorts: Object.values(host.ports),
      php: newestFirst(await broker.versions('php')),
      anyUpstream: actor.admin,
      proxyPorts: await this.proxyPorts(),
      panel: actor.admin,
      directives: holds(actor, 'sites:directives'),
    }
  }

  /** Loopback ports that are granted to owners of sites now. */
  async proxyPorts(): Promise<readonly PortRange[]> {
    return parsePorts((await this.settings.get()).proxyPorts) ?? []
  }

  /** What a new site serves may be chosen by whoever makes it, by the rules of now. @throws invalid_input */
  async checkRuntime({ runtime }: SiteSpec, actor: Actor): Promise<void> {
    if (runtime.type !== 'proxy' && runtime.type !== 'panel') return
    const rules = await this.rules(actor)
    const fields = new Fields()
    if (runtime.type === 'panel') fields.parse('runtime.type', () => parsePanel(rules))
    else fields.parse('runtime.target', () => parseTarget(runtime.target, rules))
    fields.check()
  }

  /**
   * Whether a change may be queued: of a site that is there, or that a job is making.
   *
   * @throws sites.being_deleted, sites.not_created, sites.suspended_by_administrator
   */
  async admit(knex: Knex, before: Site, after: SiteSpec, actor: Actor): Promise<void> {
    requireStanding(before, await this.jobState(knex, before))
    requireAuthorityToChange(before, after, actor)
  }

  /** Where the job stands that makes or deletes the site. */
  async jobState(knex: Knex, { job }: Pick<Site, 'job'>): Promise<JobState | null> {
    return job ? this.context.jobs.state(knex, job) : null
  }

  /** The specification after a change. @throws invalid_input */
  async changed(site: Site, change: SiteChange, actor: Actor): Promise<SiteSpec> {
    const spec = parseSite(change.patch, await this.rules(actor), specOf(site))
    return change.suspended === undefined ? spec : { ...spec, suspended: change.suspended }
  }

  /** What other plugins add to the web server file of the site, frozen ones included. Writes nothing. */
  contributions(site: Site, scope: Scope): Promise<readonly Contribution<VhostContribution>[]> {
    const tree = vhostTree(site, this.context.host.ports.https)
    return this.context.hooks.contributions(vhostHook, scope, site.id, { site, tree })
  }

  /** The web server file of a site with what others contribute, and its certificate when it is this plugin's to bring. */
  async vhost(
    site: Site,
    contributions: readonly Contribution<VhostContribution>[],
    before?: SiteSpec,
  ): Promise<DescribedChange> {
    const { host } = this.context
    const values = contributions.map(({ value }) => value)
    const tree = extendedTree(site, values, host.ports.https)
    const tls = tlsOf(values)
    if (site.runtime.type !== 'panel' && before?.runtime.type !== 'panel')
      return vhostChange(site, tree, undefined, tls)
    if (!needsCertificate(site, values)) return vhostChange(site, tree, null, tls)
    const { certificate, key } = await host.certificate()
    return vhostChange(site, tree, [...pemTree(certificate), ...pemTree(key)])
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
