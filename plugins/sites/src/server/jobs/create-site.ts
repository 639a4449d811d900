import { defineJob, Joi, newTenantId, object, type TenantId } from '@nusantara/sdk'
import { createExtension, type Site, type SiteSpec, siteCreated } from '../../api.js'
import { unicodeName } from '../domain/domain-name.js'
import { SiteNotFound } from '../errors.js'
import { namesOf } from '../models/site-row.js'
import type { NewSite } from '../store/site-store.js'
import { callOf, changeIfNeeded, changeWith, scopeOf, whileThereIsATenant } from './call.js'
import { phpOf, poolChange, servesFiles } from './changes.js'
import type { SiteDeps } from './deps.js'
import { documentRootPlan, makeDocumentRoot } from './document-root.js'

export interface CreateSite extends NewSite {
  /** For titles and logs; the same as in the specification. */
  readonly domain: string
  readonly extensions?: Readonly<Record<string, unknown>>
}

const input = object<CreateSite>({
  id: Joi.string().required(),
  tenant: Joi.string().required(),
  accountId: Joi.string().required(),
  domain: Joi.string().required(),
  spec: Joi.object<SiteSpec>().unknown(true).required(),
  extensions: Joi.object().unknown(true),
})

/** A new site: claimed, its tenant made, its folder, its PHP if it runs PHP, and answered by the web server. */
export const createSite = defineJob<CreateSite, SiteDeps>({
  type: 'sites.create',
  version: 1,
  input,
  concurrency: ({ id }) => [`sites:${id}`],
})
  .step('claim', {
    onCrash: 'replay',
    plan: async ({ input, deps, actor }) => {
      await deps.checkRuntime(input.spec, actor)
      await deps.store.checkNames(input, actor)
      return { summary: { code: 'sites.plan.claim', params: { names: namesOf(input.spec).join(', ') } } }
    },
    // The row came with the job. When a failed job is tried again it has to come again, with another tenant: an
    // identity is never given twice.
    run: async ({ input, deps, actor, job }) => {
      // The rules of now, and of whoever tries the job again.
      await deps.checkRuntime(input.spec, actor)
      const known = await deps.store.find(input.id)
      if (known) return { tenant: known.tenant }
      const tenant = newTenantId()
      await deps.context.db.transaction(trx => deps.store.insert(trx, { ...input, tenant }, job.id, actor))
      return { tenant }
    },
  })
  .step('base', {
    onCrash: 'replay',
    plan: async context => {
      const plan = await context.deps.base.plan(callOf(context))
      return plan && { summary: { code: 'sites.plan.base' }, files: plan.files, services: plan.services }
    },
    // Not undone: the other sites stand on it.
    run: context =>
      context.deps.base.ensure({ ...callOf(context), changeId: context.stepId, attempt: context.job.attempt }),
  })
  .step('tenant', {
    onCrash: 'replay',
    plan: async ({ input }) => ({ summary: { code: 'sites.plan.tenant', params: { tenant: input.tenant } } }),
    run: async context => {
      const { broker } = context
      const { tenant } = await claimedSite(context)
      return (await broker.describeTenant(tenant)) ?? (await broker.createTenant(tenant, callOf(context)))
    },
    undo: async context => {
      const { broker } = context
      const { tenant } = newSite(context)
      if (!(await broker.describeTenant(tenant))) return
      await broker.removeTenant(tenant, { ...callOf(context), keepFiles: false })
    },
  })
  .step('documentRoot', {
    onCrash: 'replay',
    plan: async context => (servesFiles(context.input.spec) ? documentRootPlan(newSite(context)) : null),
    // Goes with the tenant when it is undone.
    run: async context => {
      if (servesFiles(context.input.spec)) await makeDocumentRoot(context, await claimedSite(context))
    },
  })
  .step(
    'pool',
    whileThereIsATenant(
      tenantOf,
      changeIfNeeded(async context => {
        const runtime = phpOf(context.input.spec)
        return runtime && poolChange(await claimedSite(context), runtime)
      }),
    ),
  )
  .step(
    'vhost',
    whileThereIsATenant(
      tenantOf,
      changeWith(async context => {
        const site = await claimedSite(context)
        const contributions = await context.deps.contributions(site, scopeOf(context, site.accountId))
        return { change: await context.deps.vhost(site, contributions), result: { contributions } }
      }),
    ),
  )
  // Before extensions, which may contribute something else.
  .step('keep', {
    onCrash: 'replay',
    plan: async () => null,
    run: async ({ deps, done, input }) => {
      await deps.context.db.transaction(trx => deps.keep(trx, input.id, done.vhost.contributions))
    },
    undo: async ({ deps, input }) => deps.context.db.transaction(trx => deps.keep(trx, input.id, [])),
  })
  .extend(createExtension as never)
  .settled(async (trx, { input, deps, outcome, jobId }) => {
    if (outcome.state !== 'succeeded') return deps.store.remove(trx, input.id)
    const site = await deps.store.save(trx, input.id, { spec: input.spec, jobId })
    if (!site) return
    await deps.context.events.emit(trx, siteCreated, { site })
  })

interface Claimed {
  readonly input: CreateSite
  readonly done: { readonly claim?: { readonly tenant: TenantId } }
}

/**
 * The site as it will be. In a run it must still have its row: it may have been deleted while this job was in doubt, and
 * then nobody would know of what is made here.
 *
 * @throws sites.not_found
 */
async function claimedSite(context: Claimed & { readonly deps: SiteDeps }): Promise<Site> {
  const { deps, done, input } = context
  if (done.claim && !(await deps.store.find(input.id))) throw SiteNotFound()
  return newSite(context)
}

async function tenantOf(context: Claimed): Promise<TenantId> {
  return newSite(context).tenant
}

/** Before it has a row its times are unknown, and in a plan its tenant is the proposed one. */
function newSite({ input, done }: Claimed): Site {
  const { id, accountId, spec } = input
  const tenant = done.claim?.tenant ?? input.tenant
  const unicodeDomain = unicodeName(spec.domain)
  return { id, tenant, accountId, state: 'pending', unicodeDomain, createdAt: '', updatedAt: '', ...spec }
}
