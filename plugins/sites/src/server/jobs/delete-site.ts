import {
  type ChangeResult,
  type DescribedChange,
  defineJob,
  Joi,
  object,
  type StepContext,
  type StepDefinition,
} from '@nusantara/sdk'
import { type Site, siteDeleted } from '../../api.js'
import { requireAuthority } from '../admission.js'
import { callOf, changeIfNeeded, whileThereIsATenant } from './call.js'
import { phpOf, poolRemoval, vhostRemoval } from './changes.js'
import type { SiteDeps } from './deps.js'

export interface DeleteSite {
  readonly id: string
  readonly domain: string
  readonly keepFiles: boolean
}

const input = object<DeleteSite>({
  id: Joi.string().required(),
  domain: Joi.string().required(),
  keepFiles: Joi.boolean().required(),
})

/** Takes a site off the web server, stops its PHP, and then removes its tenant, which cannot be undone. */
export const deleteSite = defineJob<DeleteSite, SiteDeps>({
  type: 'sites.delete',
  version: 1,
  input,
  concurrency: ({ id }) => [`sites:${id}`],
})
  .step('vhost', marking(takingOff(permitted, async site => vhostRemoval(site))))
  .step(
    'pool',
    takingOff(standing, async site => {
      const runtime = phpOf(site)
      return runtime && poolRemoval(site, runtime)
    }),
  )
  .step('tenant', {
    onCrash: 'replay',
    plan: async ({ input }) => ({
      summary: { code: input.keepFiles ? 'sites.plan.keep_files' : 'sites.plan.delete_files' },
    }),
    run: removeTenant,
    // A process of the tenant may write while its files are deleted.
    retries: 2,
  })
  .settled(async (trx, { input, deps, outcome, jobId }) => {
    const site = await deps.store.find(input.id, trx)
    if (!site) return
    if (outcome.state !== 'succeeded') return deps.store.unmarkDeleting(trx, site.id, jobId)
    await deps.keep(trx, site.id, [])
    await deps.store.remove(trx, site.id)
    await deps.context.events.emit(trx, siteDeleted, { site, keptFiles: input.keepFiles })
  })

type Context = StepContext<DeleteSite, unknown, SiteDeps>

/** A removal; taken back unless the tenant is gone, after which the site can only be deleted again. */
function takingOff<D>(
  find: (context: Context) => Promise<Site | null>,
  build: (site: Site) => Promise<DescribedChange | null>,
): StepDefinition<DeleteSite, D, SiteDeps, ChangeResult | null> {
  return whileThereIsATenant(
    async ({ deps, input }) => (await deps.store.find(input.id))?.tenant ?? null,
    changeIfNeeded(async context => {
      const site = await find(context)
      return site && build(site)
    }),
    ({ deps, input }) => deps.store.markGone(input.id),
  )
}

/** A deletion that is tried again holds the site again. */
function marking<D, R>(step: StepDefinition<DeleteSite, D, SiteDeps, R>): StepDefinition<DeleteSite, D, SiteDeps, R> {
  return {
    ...step,
    async run(context) {
      const { deps, input, job } = context
      await deps.store.markDeleting(deps.context.db.knex, input.id, job.id)
      return step.run(context)
    },
  }
}

/** The site, unless its tenant is gone: an earlier deletion came that far, after it had removed every file. */
async function standing({ broker, deps, input }: Context): Promise<Site | null> {
  const site = await deps.store.find(input.id)
  return site && (await broker.describeTenant(site.tenant)) ? site : null
}

/** The same, asked first: whoever tries the job again may be somebody else, and others may have tried to change the site. */
async function permitted(context: Context): Promise<Site | null> {
  const { actor, deps, input } = context
  const site = await deps.store.find(input.id)
  if (site) requireAuthority(site, actor, 'delete')
  return standing(context)
}

async function removeTenant(context: Context): Promise<void> {
  const site = await standing(context)
  if (site) await context.broker.removeTenant(site.tenant, { ...callOf(context), keepFiles: context.input.keepFiles })
}
