import { type ChangeResult, type Contribution, changeStep, type PlanPart, type PluginContext } from '@nusantara/sdk'
import type { Site, SiteCall, SiteOffer, VhostContribution } from '../api.js'
import { SiteNotFound } from './errors.js'
import type { SiteDeps } from './jobs/deps.js'
import { tlsOf } from './vhost/server-block.js'

type Offered = readonly Contribution<VhostContribution>[]

/** Tries out what another plugin contributes to a site's web server file, in a job step of that plugin. */
export class Contributions {
  constructor(
    private readonly context: PluginContext,
    private readonly deps: SiteDeps,
  ) {}

  /** @throws sites.not_found */
  async plan(call: SiteCall, offer: SiteOffer): Promise<PlanPart | null> {
    const { site, offered } = await this.#with(call, offer)
    const base = await this.deps.base.plan({ ...call, secure: isSecure(offered) })
    const { summary, ...request } = await this.deps.vhost(site, offered)
    const plan = await this.context.broker.planChange(request, call)
    const files = [...(base?.files ?? []), ...plan.files]
    if (files.every(({ action, drift }) => action === 'none' && !drift)) return null
    return { summary, files, services: plan.services }
  }

  /** @throws sites.not_found, and what a change throws */
  async apply(
    { changeId, attempt, ...call }: SiteCall & { readonly changeId: string; readonly attempt: number },
    offer: SiteOffer,
  ): Promise<ChangeResult> {
    const { site, offered } = await this.#with(call, offer)
    if (isSecure(offered)) await this.deps.base.ensure({ ...call, changeId: `${changeId}:base`, attempt, secure: true })
    const change = await this.deps.vhost(site, offered)
    const result = await changeStep<SiteOffer, unknown, undefined>(() => change).run({
      input: offer,
      done: {},
      deps: undefined,
      actor: call.actor,
      job: { id: call.jobId ?? '', attempt },
      signal: call.signal,
      broker: this.context.broker,
      stepId: changeId,
      log: () => {},
      progress: () => {},
    })
    await this.context.db.transaction(trx => this.deps.keep(trx, site.id, offered))
    return result
  }

  async #with(call: SiteCall, { site: id, plugin, value }: SiteOffer): Promise<{ site: Site; offered: Offered }> {
    const site = await this.deps.store.find(id)
    if (!site) throw SiteNotFound()
    const scope = { actor: call.actor, account: site.accountId, signal: call.signal }
    const others = (await this.deps.contributions(site, scope)).filter(each => each.plugin !== plugin)
    return { site, offered: [...others, { plugin, value, frozen: false }] }
  }
}

function isSecure(offered: Offered): boolean {
  return tlsOf(offered.map(({ value }) => value)) !== undefined
}
