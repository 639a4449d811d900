import { defineJob, Joi, object, type StepContext } from '@nusantara/sdk'
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
    changeIfNeeded(async ({ input, deps }) => {
      const site = await deps.store.find(input.id)
      return site ? vhostRemoval(site) : gone
    }),
  )
  .step(
    'pool',
    changeIfNeeded(async ({ input, deps }) => {
      const site = await deps.store.find(input.id)
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
  })
  .settled(async (trx, { input, deps, outcome }) => {
    const site = await deps.store.find(input.id, trx)
    if (!site) return
    if (outcome.state !== 'succeeded') return deps.store.setState(trx, site.id, 'active')
    await deps.keep(trx, site.id, [])
    await deps.store.remove(trx, site.id)
    await deps.context.events.emit(trx, siteDeleted, { site, keptFiles: input.keepFiles })
  })

async function removeTenant(context: StepContext<DeleteSite, unknown, SiteDeps>): Promise<void> {
  const { broker, deps, input } = context
  const site: Site | null = await deps.store.find(input.id)
  if (!site || !(await broker.describeTenant(site.tenant))) return
  await broker.removeTenant(site.tenant, { ...callOf(context), keepFiles: input.keepFiles })
}
