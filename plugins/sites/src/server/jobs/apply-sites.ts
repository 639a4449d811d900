import {
  type Contribution,
  type DescribedChange,
  defineJob,
  Joi,
  object,
  Problem,
  type StepContext,
} from '@nusantara/sdk'
import { type Site, type VhostContribution, vhostHook } from '../../api.js'
import { ApplyIncomplete } from '../errors.js'
import { callOf, scopeOf } from './call.js'
import { phpOf, poolChange } from './changes.js'
import type { SiteDeps } from './deps.js'

export interface ApplySites {
  /** Every site that is published or suspended when the job is queued; none of them changes meanwhile. */
  readonly ids: readonly string[]
  /** Overwrite files that were edited by hand; what they said is kept with the change. */
  readonly discardEdits: boolean
}

const input = object<ApplySites>({
  ids: Joi.array().items(Joi.string()).required(),
  discardEdits: Joi.boolean().required(),
})

const keptAtOnce = 50

type Context = StepContext<ApplySites, unknown, SiteDeps>

/** Renders what belongs to every site again and applies it; the broker takes it all in one batch. */
export const applySites = defineJob<ApplySites, SiteDeps>({
  type: 'sites.apply',
  version: 2,
  input,
  concurrency: ({ ids }) => ids.map(id => `sites:${id}`),
})
  .step('base', {
    onCrash: 'replay',
    plan: async context => {
      const plan = await context.deps.base.plan(callOf(context))
      return plan && { summary: { code: 'sites.plan.base' }, files: plan.files, services: plan.services }
    },
    run: context =>
      context.deps.base.ensure({
        ...callOf(context),
        changeId: context.stepId,
        attempt: context.job.attempt,
        discardEdits: context.input.discardEdits,
      }),
  })
  .step('apply', {
    onCrash: 'replay',
    plan: async ({ input: { ids, discardEdits } }) => ({
      summary: { code: 'sites.plan.apply', params: { count: ids.length, discard: String(discardEdits) } },
      late: true,
    }),
    async run(context) {
      const sites = await sitesOf(context)
      // All of them are rendered before the first is sent, so that they reach the broker as one burst: one batch.
      const drawn = await Promise.allSettled(sites.map(site => render(context, site)))
      const outcomes = await Promise.allSettled(
        drawn.map(async outcome => {
          if (outcome.status === 'rejected') throw outcome.reason
          await applyOne(context, outcome.value)
          return outcome.value
        }),
      )
      await keepApplied(
        context,
        outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : [])),
      )
      const failed = outcomes.flatMap((outcome, index) =>
        outcome.status === 'rejected' ? [{ site: sites[index] as Site, reason: outcome.reason as unknown }] : [],
      )
      context.log(`${sites.length - failed.length} of ${sites.length} sites are as they should be`)
      for (const { site, reason } of failed) context.log(`${site.domain}: ${told(reason)}`)
      // What passes by itself is the engine's: it tries the step again, and what is applied already stays so.
      const passing = failed.find(({ reason }) => reason instanceof Problem && reason.status === 503)
      if (passing) throw passing.reason
      const first = failed[0]
      if (first) throw ApplyIncomplete({ count: failed.length, domain: first.site.domain, reason: told(first.reason) })
      return { applied: sites.length }
    },
  })

async function sitesOf({ input, deps }: Context): Promise<Site[]> {
  const found = await deps.store.findMany(input.ids)
  return found.filter(site => site.state === 'active')
}

/** What stands for a site. */
interface Rendered {
  readonly site: Site
  /** In the order in which they must be applied: its pool before the vhost that passes to it. */
  readonly changes: readonly DescribedChange[]
  readonly contributions: readonly Contribution<VhostContribution>[]
}

async function render(context: Context, site: Site): Promise<Rendered> {
  const { deps } = context
  const contributions = await deps.contributions(site, scopeOf(context, site.accountId))
  const runtime = phpOf(site)
  const pool = runtime ? [poolChange(site, runtime)] : []
  return { site, contributions, changes: [...pool, await deps.vhost(site, contributions)] }
}

async function applyOne(context: Context, { site, changes }: Rendered): Promise<void> {
  const { broker, input, job } = context
  for (const { summary: _, ...change } of changes) {
    await broker.applyChange(
      { ...change, onDrift: input.discardEdits ? 'discard' : 'refuse' },
      { ...callOf(context), changeId: `${context.stepId}:${change.change}:${site.id}`, attempt: job.attempt },
    )
  }
}

/**
 * What other plugins contributed is in force now, so it is what goes on being rendered while they are off. Sites without
 * contributions, now and before, have nothing to keep; the others come in portions, so that no transaction is long.
 */
async function keepApplied({ deps }: Context, applied: readonly Rendered[]): Promise<void> {
  const before = new Set((await deps.context.hooks.kept(vhostHook)).map(({ resource }) => resource))
  const touched = applied.filter(({ site, contributions }) => contributions.length > 0 || before.has(site.id))
  for (let at = 0; at < touched.length; at += keptAtOnce) {
    const portion = touched.slice(at, at + keptAtOnce)
    await deps.context.db.transaction(async trx => {
      for (const { site, contributions } of portion) await deps.keep(trx, site.id, contributions)
    })
  }
}

function told(reason: unknown): string {
  return reason instanceof Problem || reason instanceof Error ? reason.message : String(reason)
}
