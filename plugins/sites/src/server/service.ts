import {
  type Actor,
  type ChangeResult,
  invalidInput,
  type Knex,
  newId,
  newTenantId,
  type Page,
  type PlanPart,
  type PluginContext,
  type RouteRequest,
  type Submission,
  type SubmitOptions,
} from '@nusantara/sdk'
import type { Runtimes, Site, SiteCall, SiteLog, SiteOffer, SitesService } from '../api.js'
import { isLive, requireAuthority } from './admission.js'
import { Contributions } from './contributions.js'
import { AlreadySo, BeingDeleted, SiteNotFound } from './errors.js'
import { parseSite } from './input/parse-site.js'
import { phpSettings } from './input/php-settings.js'
import { showPorts } from './input/port-ranges.js'
import type { ApplyBody, CreateBody, DirectivesBody, SuspendBody, UpdateBody } from './input/site-input.js'
import { defaults } from './input/site-rules.js'
import { applySites } from './jobs/apply-sites.js'
import { type CreateSite, createSite } from './jobs/create-site.js'
import { deleteSite } from './jobs/delete-site.js'
import type { SiteChange, SiteDeps } from './jobs/deps.js'
import { resumeSite, suspendSite, updateSite } from './jobs/update-site.js'
import { type LogQuery, readLog } from './logs/read-log.js'
import { authorityOf } from './models/site-row.js'
import { withNotices } from './notices.js'
import { type ListQuery, listSites } from './store/site-list.js'

type Change = Omit<SiteChange, 'id'>
type Changing = SubmitOptions['request'] & { readonly actor: Actor }

/** What routes and other plugins ask for. Validates, then queues; everything that touches the system is in the jobs. */
export class Sites implements SitesService {
  readonly #contributions: Contributions

  constructor(
    private readonly context: PluginContext,
    private readonly deps: SiteDeps,
  ) {
    this.#contributions = new Contributions(context, deps)
  }

  planContribution(call: SiteCall, offer: SiteOffer): Promise<PlanPart | null> {
    return this.#contributions.plan(call, offer)
  }

  applyContribution(
    call: SiteCall & { readonly changeId: string; readonly attempt: number },
    offer: SiteOffer,
  ): Promise<ChangeResult> {
    return this.#contributions.apply(call, offer)
  }

  async list(
    actor: Actor,
    { after, limit }: { readonly after?: string; readonly limit?: number } = {},
  ): Promise<readonly Site[]> {
    const cursor = after && Buffer.from(JSON.stringify([after, '\u{10ffff}'])).toString('base64url')
    const { items } = await listSites(this.context, actor, { limit: Math.min(limit ?? 200, 1000), cursor })
    return items
  }

  async page(actor: Actor, query: ListQuery): Promise<Page<Site>> {
    const page = await listSites(this.context, actor, query)
    return { ...page, items: await this.#noticed(page.items) }
  }

  get(actor: Actor, id: string): Promise<Site | null> {
    return this.deps.store.findBy(actor, 'id', id)
  }

  byTenant(actor: Actor, tenant: string): Promise<Site | null> {
    return this.deps.store.findBy(actor, 'tenant', tenant)
  }

  async byName(actor: Actor, name: string): Promise<Site | null> {
    const id = await this.deps.store.idOfName(name)
    return id ? this.get(actor, id) : null
  }

  /** @throws sites.not_found; the kernel has checked scope already */
  async require(id: string, knex?: Knex): Promise<Site> {
    const site = await this.deps.store.find(id, knex)
    if (!site) throw SiteNotFound()
    return site
  }

  /** A site as the API shows it. @throws sites.not_found */
  async show(id: string): Promise<Site> {
    return (await this.#noticed([await this.require(id)]))[0] as Site
  }

  async runtimes(actor: Actor): Promise<Runtimes> {
    const { php, ports, anyUpstream, proxyPorts, panel } = await this.deps.rules(actor)
    return {
      php,
      phpSettings: phpSettings.map(({ directive: _, ...setting }) => setting),
      redirectStatuses: [301, 302, 307, 308],
      proxy: { anyTarget: anyUpstream, ports: showPorts(proxyPorts) },
      panel,
      ports,
      defaults: {
        documentRoot: defaults.documentRoot,
        index: defaults.index.static,
        uploadLimit: defaults.uploadLimit,
      },
    }
  }

  /** @throws invalid_input, sites.name_taken */
  async create(request: RouteRequest<unknown, unknown, CreateBody>): Promise<Submission> {
    const { actor, body } = request
    const { accountId: wanted, extensions, ...fields } = body
    const spec = parseSite(fields, await this.deps.rules(actor))
    const accountId = await this.#account(actor, wanted)
    const id = newId()
    const tenant = newTenantId()
    const input: CreateSite = { id, tenant, accountId, domain: spec.domain, spec, ...(extensions && { extensions }) }
    return this.context.jobs.submit(createSite, input, {
      request,
      resourceId: id,
      accountId,
      generated: { id, tenant },
      extra: { id },
      insert: (trx, job) => this.deps.store.insert(trx, input, job.id, actor),
    })
  }

  /** @throws invalid_input; when queued: sites.name_taken, sites.being_deleted */
  async update(request: RouteRequest<{ id: string }, unknown, UpdateBody | DirectivesBody>): Promise<Submission> {
    const site = await this.require(request.params.id)
    return this.#submitUpdate(updateSite, site, { patch: request.body }, request)
  }

  /** @throws when queued: sites.already, sites.being_deleted */
  async suspend(request: RouteRequest<{ id: string }, unknown, SuspendBody>): Promise<Submission> {
    const site = await this.require(request.params.id)
    const { reason } = request.body
    const suspension = { by: authorityOf(request.actor), ...(reason && { reason }) }
    return this.#submitUpdate(suspendSite, site, { patch: {}, suspended: true, suspension }, request)
  }

  /** @throws sites.suspended_by_administrator; when queued: sites.already, sites.being_deleted */
  async resume(request: RouteRequest<{ id: string }>): Promise<Submission> {
    const site = await this.require(request.params.id)
    return this.#submitUpdate(resumeSite, site, { patch: {}, suspended: false }, request)
  }

  async render(actor: Actor, id: string): Promise<{ readonly jobId: string }> {
    const site = await this.get(actor, id)
    if (!site) throw SiteNotFound()
    const submission = await this.#submitUpdate(updateSite, site, { patch: {} }, { actor })
    if (submission.kind !== 'accepted') throw new Error('a submission without a dry run is accepted or throws')
    return { jobId: submission.job.id }
  }

  /** Renders and applies every site again: after a hand edit, or when something all of them depend on has changed. */
  async apply(request: RouteRequest<unknown, unknown, ApplyBody>): Promise<Submission> {
    const input = { ids: await this.deps.store.activeIds(), discardEdits: request.body.discardEdits ?? false }
    return this.context.jobs.submit(applySites, input, { request })
  }

  /**
   * Also while an earlier deletion is in doubt: the new one goes on where that one stopped.
   *
   * @throws invalid_input when the confirmation is not the site's name, sites.suspended_by_administrator; when queued:
   * sites.being_deleted while an earlier deletion waits or runs
   */
  async remove(
    request: RouteRequest<{ id: string }, { readonly confirm?: string; readonly keepFiles?: boolean }>,
  ): Promise<Submission> {
    const site = await this.require(request.params.id)
    const { confirm = '', keepFiles = false } = request.query
    if (!request.dryRun && confirm !== site.domain && confirm !== site.unicodeDomain)
      throw invalidInput([
        {
          path: 'confirm',
          code: 'sites.confirm',
          message: `type the site's name, ${site.unicodeDomain}, to delete it`,
          params: { domain: site.unicodeDomain },
        },
      ])
    const { id, domain, accountId } = site
    const { actor } = request
    return this.context.jobs.submit(
      deleteSite,
      { id, domain, keepFiles },
      {
        request,
        resourceId: id,
        accountId,
        insert: async (trx, job) => {
          const site = await this.require(id, trx)
          requireAuthority(site, actor, 'delete')
          const earlier = site.state === 'deleting' ? await this.deps.jobState(trx, site) : null
          if (isLive(earlier)) throw BeingDeleted({ domain: site.unicodeDomain, job: site.job ?? '' })
          await this.deps.store.markDeleting(trx, id, job.id)
        },
      },
    )
  }

  async log(id: string, query: LogQuery): Promise<SiteLog> {
    const site = await this.require(id)
    const tenant = await this.context.broker.describeTenant(site.tenant)
    return readLog(tenant?.log ?? null, query)
  }

  /** With what asks for attention; what owners may proxy to is looked up only when it matters. */
  async #noticed(sites: readonly Site[]): Promise<readonly Site[]> {
    if (!sites.some(({ runtime }) => runtime.type === 'proxy')) return sites
    const granted = await this.deps.proxyPorts()
    return sites.map(site => withNotices(site, granted))
  }

  async #submitUpdate(job: typeof updateSite, site: Site, change: Change, request: Changing): Promise<Submission> {
    const { id, domain, accountId } = site
    const { actor } = request
    const spec = await this.deps.changed(site, { id, ...change }, actor)
    return this.context.jobs.submit(
      job,
      { id, domain, ...change },
      {
        request,
        resourceId: id,
        accountId,
        extra: { id },
        insert: async (trx, { id: jobId }) => {
          // In this transaction, not before it: a request that is sent again with its idempotency key gets the first
          // answer, although the site has changed since.
          const now = await this.require(id, trx)
          await this.deps.admit(trx, now, spec, actor)
          refuseRepeated(now, change, actor)
          await this.deps.store.reserve(trx, site, spec, jobId, actor)
        },
      },
    )
  }

  async #account(actor: Actor, wanted: string | undefined): Promise<string> {
    if (wanted === undefined) return this.context.resources.defaultAccount(actor)
    const known =
      actor.accounts.includes(wanted) ||
      (actor.admin && Boolean(await this.context.db.knex('accounts').where({ id: wanted }).first('id')))
    if (known) return wanted
    throw invalidInput([
      {
        path: 'accountId',
        code: 'sites.account',
        message: `account ${wanted} does not exist or is not yours; leave it out for your own`,
        params: { account: wanted },
      },
    ])
  }
}

/**
 * An administrator may suspend what its owner suspended: from then on the owner cannot resume it.
 *
 * @throws sites.already
 */
function refuseRepeated({ suspended, suspension, unicodeDomain: domain }: Site, change: Change, actor: Actor): void {
  if (change.suspended !== suspended) return
  const raised = suspended && actor.admin && suspension?.by === 'owner'
  if (!raised) throw AlreadySo({ domain, state: suspended ? 'suspended' : 'active' })
}
