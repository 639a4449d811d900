import { type CreateSiteHost, createExtension, siteCreated } from '@nusantara/plugin-sites/api'
import { type JobStep, Joi, object, type PluginContext, type StepDefinition, systemActor } from '@nusantara/sdk'
import type { CertificateOrder } from '../api.js'
import type { SslDeps } from './deps.js'
import type { Ssl } from './service.js'

interface CreateWithCertificate {
  readonly issue: boolean
  /** Default: the one that is asked unless somebody names another. */
  readonly authority?: string
}

type Step = StepDefinition<CreateWithCertificate, unknown, CreateSiteHost, null>

/**
 * "Create site" asks whether to have a certificate. It is ordered once the site answers, in a job of its own: an authority that
 * refuses, or names that do not lead here yet, must not take the new site away again.
 */
export function extendCreation(ctx: PluginContext, deps: SslDeps, ssl: Ssl): void {
  const order: Step = {
    onCrash: 'replay',
    plan: async ({ input, deps: host }) => {
      if (!input.issue) return null
      const { names, authority } = await orderFor(deps, host, input)
      const { name } = await deps.authorities.require(authority)
      return { summary: { code: 'ssl.plan.order', params: { names: names.join(', '), authority: name } }, late: true }
    },
    run: async ({ input, deps: host }) => {
      if (input.issue) await deps.store.update(host.id, { order: await orderFor(deps, host, input) })
      return null
    },
    undo: async ({ deps: { id } }) => deps.store.forget(id),
  }
  ctx.extensions.extend(createExtension, {
    key: 'ssl',
    element: 'nusa-ssl-create',
    permission: 'ssl:write',
    title: { code: 'ssl.create' },
    order: 10,
    schema: object<CreateWithCertificate>({
      issue: Joi.boolean().required(),
      authority: Joi.string().pattern(/^[a-z0-9][a-z0-9-]{0,39}$/),
    }),
    steps: [{ name: 'order', definition: order } as unknown as JobStep],
  })
  // Comes at least once: what was ordered already has a job, a certificate or a failure.
  ctx.events.on(siteCreated, async ({ site }) => {
    const { order: wanted, certificateId, jobId, failure } = await deps.store.site(site.id)
    if (!wanted || certificateId || jobId || failure !== null) return
    try {
      await ssl.issueFor(systemActor(ctx.id), site.id, wanted)
    } catch (error) {
      // The event would come again and again, and with it everything behind it.
      ctx.log.warn({ err: error, siteId: site.id }, 'no certificate was ordered for a new site')
    }
  })
}

async function orderFor(
  { authorities }: SslDeps,
  { spec }: CreateSiteHost,
  { authority }: CreateWithCertificate,
): Promise<CertificateOrder> {
  const names = [spec.domain, ...spec.aliases].filter(name => !name.startsWith('*.'))
  return {
    authority: authority ?? (await authorities.default()),
    names,
    keyType: 'ec256',
    challenge: 'http-01',
  }
}
