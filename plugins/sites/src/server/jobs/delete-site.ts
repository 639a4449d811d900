import {
  type ChangeResult,
  type DescribedChange,
  defineJob,
  Joi,
  type Message,
  object,
  type StepContext,
  type StepDefinition,
} from '@nusantara/sdk'
import { type Site, siteDeleted } from '../../api.js'
import { callOf, changeIfNeeded } from './call.js'
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

const gone = { unneeded: { code: 'sites.plan.gone' } }

/** Takes a site off the web server, stops its PHP, and then removes its tenant, which cannot be undone. */
export const deleteSite = defineJob<DeleteSite, SiteDeps>({
  type: 'sites.delete',
  version: 1,
  input,
  concurrency: ({ id }) => [`sites:${id}`],
})
  .step(
    'vhost',
    whileThereIsATenant(async context => {
      const site = await standing(context)
      return site ? vhostRemoval(site) : gone
    }),
  )
  .step(
    'pool',
    whileThereIsATenant(async context => {
      const site = await standing(context)
      const runtime = site && phpOf(site)
      return runtime ? poolRemoval(site, runtime) : { unneeded: { code: 'sites.plan.no_pool' } }
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
  .settled(async (trx, { input, deps, outcome }) => {
    const site = await deps.store.find(input.id, trx)
    if (!site) return
    // Also when its tenant is gone already: so that it can be deleted again, which then only removes the row.
    if (outcome.state !== 'succeeded') return deps.store.setState(trx, site.id, 'active')
    await deps.keep(trx, site.id, [])
    await deps.store.remove(trx, site.id)
    await deps.context.events.emit(trx, siteDeleted, { site, keptFiles: input.keepFiles })
  })

type Context = StepContext<DeleteSite, unknown, SiteDeps>

/** The site, unless its tenant is gone: an earlier deletion came that far, after it had removed every file. */
async function standing({ broker, deps, input }: Context): Promise<Site | null> {
  const site = await deps.store.find(input.id)
  return site && (await broker.describeTenant(site.tenant)) ? site : null
}

/** A removal that is taken back only while the tenant is there: without it, nothing could serve the site again. */
function whileThereIsATenant<D>(
  build: (context: StepContext<DeleteSite, D, SiteDeps>) => Promise<DescribedChange | { readonly unneeded: Message }>,
): StepDefinition<DeleteSite, D, SiteDeps, ChangeResult | null> {
  const step = changeIfNeeded(build)
  return {
    ...step,
    async undo(context) {
      if (await standing(context)) await step.undo?.(context)
    },
  }
}

async function removeTenant(context: Context): Promise<void> {
  const site = await standing(context)
  if (site) await context.broker.removeTenant(site.tenant, { ...callOf(context), keepFiles: context.input.keepFiles })
}
