import { defineJob, Joi, object } from '@nusantara/sdk'
import { asProblem } from '../acme/problems.js'
import type { SslDeps } from '../deps.js'

export interface RollOverKey {
  readonly authority: string
  /** For titles and logs. */
  readonly name: string
}

/** Another key for this server's account at an authority, and the sites that answer with it. */
export const rollOverKey = defineJob<RollOverKey, SslDeps>({
  type: 'ssl.roll_over',
  version: 1,
  input: object<RollOverKey>({ authority: Joi.string().required(), name: Joi.string().required() }),
  concurrency: ({ authority }) => [`ssl:authority:${authority}`],
})
  .step('key', {
    onCrash: 'replay',
    plan: async ({ input: { name } }) => ({ summary: { code: 'ssl.plan.roll_over', params: { name } }, late: true }),
    // Not undone: the authority knows the former key no more.
    run: async ({ input: { authority, name }, deps, signal }) => {
      try {
        await deps.authorities.rollOver(authority, signal)
      } catch (error) {
        throw asProblem(error, name)
      }
    },
  })
  .step('render', {
    onCrash: 'replay',
    plan: async ({ input: { authority }, deps, actor }) => {
      const count = (await deps.sitesOf(actor, authority)).length
      return count === 0 ? null : { summary: { code: 'ssl.plan.render', params: { count } }, late: true }
    },
    // In jobs of their own, which wait for what else changes those sites; an order renders its site before it begins anyhow.
    run: async ({ input: { authority }, deps, actor, log, signal }) => {
      const ids = await deps.sitesOf(actor, authority)
      for (const id of ids) {
        signal.throwIfAborted()
        await deps.sites.render(actor, id)
      }
      log(`${ids.length} sites are written again with the new thumbprint`)
    },
  })
