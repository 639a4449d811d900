import {
  type Actor,
  invalidInput,
  type Knex,
  newId,
  newTenantId,
  type Page,
  type PluginContext,
  type RouteRequest,
  type Submission,
  type SubmitOptions,
} from '@nusantara/sdk'
import type { Runtimes, Site, SiteLog, SitesService } from '../api.js'
import { AlreadySo, BeingDeleted, SiteNotFound } from './errors.js'
import { defaults, parseSite } from './input/parse-site.js'
import { phpSettings } from './input/php-settings.js'
import type { ApplyBody, CreateBody, DirectivesBody, UpdateBody } from './input/site-input.js'
import { applySites } from './jobs/apply-sites.js'
import { type CreateSite, createSite } from './jobs/create-site.js'
import { deleteSite } from './jobs/delete-site.js'
import type { SiteChange, SiteDeps } from './jobs/deps.js'
import { resumeSite, suspendSite, updateSite } from './jobs/update-site.js'
import { type LogQuery, readLog } from './logs/read-log.js'
import { type ListQuery, listSites } from './store/site-list.js'

type Changing = SubmitOptions['request'] & { readonly actor: Actor }

/** What routes and other plugins ask for. Validates, then queues; everything that touches the system is in the jobs. */
export class Sites implements SitesService {
  constructor(
    private readonly context: PluginContext,
    private readonly deps: SiteDeps,
  ) {}

  list(actor: Actor): Promise<readonly Site[]>
  list(actor: Actor, page: { readonly after?: string; readonly limit?: number }): Promise<readonly Site[]>
  async list(actor: Actor, { after, limit }: { after?: string; limit?: number } = {}): Promise<readonly Site[]> {
    const cursor = after && Buffer.from(JSON.stringify([after, '\u{10ffff}'])).toString('base64url')
    const { items } = await listSites(this.context, actor, { limit: Math.min(limit ?? 200, 1000), cursor })
    return items
  }

  page(actor: Actor, query: ListQuery): Promise<Page<Site>> {
    return listSites(this.context, actor, query)
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
  async require(id: string): Promise<Site> {
    const site = await this.deps.store.find(id)
    if (!site) throw SiteNotFound()
    return site
  }

  async runtimes(actor: Actor): Promise<Runtimes> {
    const { php, ports } = await this.deps.rules(actor)
    return {
      php,
      phpSettings: phpSettings.map(({ directive: _, ...setting }) => setting),
      redirectStatuses: [301, 302, 307, 308],
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

  /** @throws sites.already when it is queued */
  async suspend(request: RouteRequest<{ id: string }>, suspended: boolean): Promise<Submission> {
    const site = await this.require(request.params.id)
    return this.#submitUpdate(suspended ? suspendSite : resumeSite, site, { patch: {}, suspended }, request)
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

  /** @throws invalid_input when the confirmation is not the site's name */
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
    return this.context.jobs.submit(
      deleteSite,
      { id, domain, keepFiles },
      {
        request,
        resourceId: id,
        accountId,
        insert: async trx => {
          await this.#changeable(trx, id)
          await this.deps.store.setState(trx, id, 'deleting')
        },
      },
    )
  }

  async log(id: string, query: LogQuery): Promise<SiteLog> {
    const site = await this.require(id)
    const tenant = await this.context.broker.describeTenant(site.tenant)
    return readLog(tenant?.log ?? null, query)
  }

  async #submitUpdate(
    job: typeof updateSite,
    site: Site,
    change: Omit<SiteChange, 'id'>,
    request: Changing,
  ): Promise<Submission> {
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
          const { suspended, unicodeDomain } = await this.#changeable(trx, id)
          if (change.suspended === suspended)
            throw AlreadySo({ domain: unicodeDomain, state: suspended ? 'suspended' : 'active' })
          await this.deps.store.reserve(trx, site, spec, jobId, actor)
        },
      },
    )
  }

  /**
   * Asked in the transaction that queues, not before it: a request that is sent again with its idempotency key gets the
   * first answer, although the site has changed since.
   */
  async #changeable(trx: Knex.Transaction, id: string): Promise<Site> {
    const site = await this.deps.store.find(id, trx)
    if (!site) throw SiteNotFound()
    if (site.state === 'deleting') throw BeingDeleted({ domain: site.unicodeDomain })
    return site
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
