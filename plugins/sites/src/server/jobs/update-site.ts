import { type DescribedChange, defineJob, Joi, object, type StepContext, type StepDefinition } from '@nusantara/sdk'
import { type Site, type SiteSpec, siteChanged } from '../../api.js'
import { requireAuthorityToChange, requireStanding } from '../admission.js'
import { unicodeName } from '../domain/domain-name.js'
import { SiteNotFound } from '../errors.js'
import { specOf, targetAuthority } from '../models/site-row.js'
import { poolTree } from '../pool/pool-tree.js'
import { changeIfNeeded, changeWith, scopeOf, unlessWrittenOver, whileThereIsATenant } from './call.js'
import { phpOf, poolChange, poolRemoval, servesFiles } from './changes.js'
import type { SiteChange, SiteDeps } from './deps.js'
import { documentRootPlan, makeDocumentRoot } from './document-root.js'

export interface UpdateSite extends SiteChange {
  /** Its name when the job was queued, for titles and logs. */
  readonly domain: string
}

const input = object<UpdateSite>({
  id: Joi.string().required(),
  domain: Joi.string().required(),
  patch: Joi.object().unknown(true).required(),
  suspended: Joi.boolean(),
  suspension: Joi.object({ by: Joi.string().valid('owner', 'administrator').required(), reason: Joi.string() }),
})

type Context = Pick<StepContext<UpdateSite, unknown, SiteDeps>, 'input' | 'deps' | 'actor' | 'signal'>

/** The site now and as it will be. The row changes only when the job settles, so a replay sees the same. */
async function sides({
  input,
  deps,
  actor,
}: Pick<Context, 'input' | 'deps' | 'actor'>): Promise<{ before: Site; after: Site }> {
  const before = await standing({ input, deps })
  const spec: SiteSpec = await deps.changed(before, input, actor)
  return { before, after: { ...before, ...spec, unicodeDomain: unicodeName(spec.domain) } }
}

/** @throws sites.not_found */
async function standing({ input, deps }: Pick<Context, 'input' | 'deps'>): Promise<Site> {
  const site = await deps.store.find(input.id)
  if (!site) throw SiteNotFound()
  return site
}

/** The pool of the site as it is. */
async function poolNow(context: Pick<Context, 'input' | 'deps'>): Promise<DescribedChange | null> {
  const site = await standing(context)
  const runtime = phpOf(site)
  return runtime && poolChange(site, runtime)
}

/** A change of files; nothing is left to take back once it was written over, or the site deleted, while its job was in doubt. */
function changing<D, R>(
  step: StepDefinition<UpdateSite, D, SiteDeps, R>,
  now: (context: StepContext<UpdateSite, D, SiteDeps>) => Promise<DescribedChange | null>,
): StepDefinition<UpdateSite, D, SiteDeps, R> {
  return whileThereIsATenant(
    async ({ deps, input }) => (await deps.store.find(input.id))?.tenant ?? null,
    unlessWrittenOver(step, now),
  )
}

/** One saga under three names, so that lists and the audit say what was meant. */
function updating(type: 'sites.update' | 'sites.suspend' | 'sites.resume') {
  return (
    defineJob<UpdateSite, SiteDeps>({ type, version: 1, input, concurrency: ({ id }) => [`sites:${id}`] })
      .step('documentRoot', {
        onCrash: 'replay',
        plan: async context => {
          const { before, after } = await sides(context)
          await context.deps.admit(context.deps.context.db.knex, before, after, context.actor)
          await context.deps.store.checkNames({ ...after, spec: after }, context.actor)
          return needsDocumentRoot(before, after) ? documentRootPlan(after) : null
        },
        run: async context => {
          const { before, after } = await sides(context)
          // Asked again: what came before it in the queue may have failed, or somebody else may try the job again.
          requireStanding(before, null)
          requireAuthorityToChange(before, after, context.actor)
          if (needsDocumentRoot(before, after)) await makeDocumentRoot(context, after)
        },
      })
      .step(
        'pool',
        changing(
          changeIfNeeded(async context => {
            const { before, after } = await sides(context)
            const runtime = phpOf(after)
            return runtime && poolText(before) !== poolText(after) ? poolChange(after, runtime) : null
          }),
          poolNow,
        ),
      )
      .step(
        'vhost',
        changing(
          changeWith(async context => {
            const { before, after } = await sides(context)
            const contributions = await context.deps.contributions(after, scopeOf(context, after.accountId))
            const targetBy = targetAuthority(after, context.actor, before, namesTarget(context.input))
            const result = { contributions, before: specOf(before), after: specOf(after), targetBy }
            return { change: await context.deps.vhost(after, contributions, before), result }
          }),
          async context => {
            const site = await standing(context)
            return context.deps.vhost(site, await context.deps.contributions(site, scopeOf(context, site.accountId)))
          },
        ),
      )
      // The old version goes after the web server has stopped asking it.
      .step(
        'retirePool',
        changing(
          changeIfNeeded(async context => {
            const { before, after } = await sides(context)
            const old = phpOf(before)
            return old && phpOf(after)?.version !== old.version ? poolRemoval(before, old) : null
          }),
          poolNow,
        ),
      )
      .settled(async (trx, { input, deps, outcome, done, jobId }) => {
        if (outcome.state !== 'succeeded' || !done.vhost) return deps.store.release(trx, input.id, jobId)
        const { after: spec, targetBy } = done.vhost
        const site = await deps.store.save(trx, input.id, { spec, jobId, targetBy, suspension: input.suspension })
        if (!site) return
        await deps.keep(trx, site.id, done.vhost.contributions)
        await deps.context.events.emit(trx, siteChanged, { site, before: done.vhost.before })
      })
  )
}

export const updateSite = updating('sites.update')
export const suspendSite = updating('sites.suspend')
export const resumeSite = updating('sites.resume')

function namesTarget({ patch }: SiteChange): boolean {
  return typeof patch.runtime === 'object' && patch.runtime.type === 'proxy'
}

function needsDocumentRoot(before: SiteSpec, after: SiteSpec): boolean {
  return servesFiles(after) && (!servesFiles(before) || before.documentRoot !== after.documentRoot)
}

function poolText(site: Site): string {
  const runtime = phpOf(site)
  return runtime ? JSON.stringify([runtime.version, poolTree(site.tenant, site, runtime)]) : ''
}
