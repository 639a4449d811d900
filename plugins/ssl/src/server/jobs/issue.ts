import type { Site } from '@nusantara/plugin-sites/api'
import { type CallContext, defineJob, Joi, object, type PlanPart, type StepContext } from '@nusantara/sdk'
import type { CertificateOrder, ChallengeType } from '../../api.js'
import type { AcmeClient } from '../acme/acme-client.js'
import { AcmeError } from '../acme/acme-error.js'
import { judgeIssued } from '../acme/judge-issued.js'
import { obtain, type Prove } from '../acme/obtain.js'
import { asProblem } from '../acme/problems.js'
import type { SslDeps } from '../deps.js'
import { orderFor, provableNames } from '../order-names.js'
import { ariCertId } from '../pem/ari-cert-id.js'
import { toPem } from '../pem/split-pem.js'
import { retryTime } from '../renewal/retry-time.js'
import { keyOf, type StoredCertificate, type StoredSite } from '../store/rows.js'
import { forgetCertificate, installStep, offerOf, siteCall } from './install.js'

export interface IssueCertificate {
  readonly siteId: string
  /** For titles and logs. */
  readonly domain: string
  readonly certificateId: string
  readonly order: CertificateOrder
  /** Whether one that is served is replaced by itself. */
  readonly renewal: boolean
  /**
   * Queued by itself to take the place of this certificate. When it is not served any more by then (somebody ordered,
   * uploaded or removed one meanwhile, or the same renewal was queued twice) there is nothing to do.
   */
  readonly insteadOf?: string
  /** For every name that the site has by then and the challenge can prove, in place of those of the order. */
  readonly allNames?: boolean
}

export const orderSchema = {
  authority: Joi.string().required(),
  names: Joi.array().items(Joi.string()).min(1).required(),
  keyType: Joi.string().required(),
  challenge: Joi.string().valid('http-01', 'dns-01').required(),
  provider: Joi.string(),
  profile: Joi.string(),
  exportable: Joi.boolean(),
}

const input = object<IssueCertificate>({
  siteId: Joi.string().required(),
  domain: Joi.string().required(),
  certificateId: Joi.string().required(),
  order: Joi.object(orderSchema).required(),
  renewal: Joi.boolean().required(),
  insteadOf: Joi.string(),
  allNames: Joi.boolean(),
})

type Context = StepContext<IssueCertificate, unknown, SslDeps>

const install = installStep<IssueCertificate>((input, site) => ({
  certificateId: input.certificateId,
  order: orderOf(site, input),
}))

/**
 * A certificate from an authority, from the question to the right answer in the handshake. Every step is taken up again after
 * a crash where it stood: the order is kept as soon as it is made. What was served before is served until the new one is
 * seen to be, and again when it is not.
 */
export const issueCertificate = defineJob<IssueCertificate, SslDeps>({
  type: 'ssl.issue',
  version: 1,
  input,
  // The second key is that of the site's own changes.
  concurrency: ({ siteId }) => [`ssl:${siteId}`, `sites:${siteId}`],
  timeout: '40m',
})
  .step('prepare', {
    onCrash: 'replay',
    plan: async context => {
      const { site, stored, served } = await standing(context)
      const offer = await offerOf(context.deps, site, withOrder(stored, context), served)
      const part = await context.deps.sites.planContribution(siteCall(context), offer)
      return part && { ...part, summary: { code: 'ssl.plan.prepare', params: { domain: site.domain } } }
    },
    // Not undone: a location that answers authorities stands in every site.
    run: async context => {
      const { site, stored, served } = await standing(context)
      const { insteadOf } = context.input
      if (insteadOf && stored.certificateId !== insteadOf) {
        context.log('nothing to do: another certificate is served by now, or none')
        return { needed: false }
      }
      const offer = await offerOf(context.deps, site, withOrder(stored, context), served)
      if (!(await context.deps.sites.planContribution(siteCall(context), offer))) return { needed: true }
      const { attempt } = context.job
      await context.deps.sites.applyContribution({ ...siteCall(context), changeId: context.stepId, attempt }, offer)
      return { needed: true }
    },
  })
  .step('order', {
    onCrash: 'replay',
    plan: async ({ input: { order }, deps }): Promise<PlanPart> => ({
      summary: {
        code: 'ssl.plan.order',
        params: { names: order.names.join(', '), authority: (await deps.authorities.require(order.authority)).name },
      },
      late: true,
    }),
    run: async context => {
      if (!context.done.prepare.needed) return null
      const { authority } = context.input.order
      const { authorities } = context.deps
      try {
        return await orderStep(context).catch(async error => {
          if (!(error instanceof AcmeError && error.type === 'accountDoesNotExist')) throw error
          context.log('the authority knows this account no more; registering it anew')
          await authorities.forgetAccount(authority)
          return orderStep(context)
        })
      } catch (error) {
        throw asProblem(error, (await authorities.require(authority)).name)
      }
    },
    // What was certified stays for the next try: an authority counts it.
    undo: async context => {
      const { deps, input } = context
      if (!(await deps.store.certificate(input.certificateId))?.chain.length) await forgetCertificate(context)
    },
  })
  .step('install', {
    ...install,
    run: async context => {
      const { order } = context.done
      return order ? install.run({ ...context, input: { ...context.input, certificateId: order.certificateId } }) : null
    },
    undo: async ({ result, ...context }) => install.undo?.({ ...context, ...(result && { result }) }),
  })
  .settled(async (trx, { input, done, deps, outcome, jobId: id }) => {
    const { siteId } = input
    // The site was deleted while this waited.
    if (!(await deps.store.knows(siteId, trx))) return
    const stored = await deps.store.site(siteId, trx)
    // Somebody else's job may have been queued since.
    const jobId = stored.jobId === id ? null : stored.jobId
    if (outcome.state === 'succeeded') {
      const made = done.order !== null
      await deps.store.update(siteId, { jobId, ...(made && { failures: 0, failure: null }) }, trx)
      return
    }
    const now = deps.now()
    const { code = outcome.state, params = {} } = outcome.problem ?? {}
    const failures = input.renewal && outcome.state === 'failed' ? stored.failures + 1 : stored.failures
    const retryAfter = typeof params.until === 'string' && params.until ? new Date(params.until) : null
    await deps.store.update(
      siteId,
      {
        failures,
        failure: outcome.state === 'failed' ? { code, params, at: now.toISOString() } : stored.failure,
        jobId,
        // Somebody who asked and was refused sees why; what renews by itself goes on trying.
        ...(input.renewal &&
          outcome.state === 'failed' && {
            renewAt: retryTime({ failures, now, retryAfter, random: deps.random }).toISOString(),
          }),
      },
      trx,
    )
  })

interface Standing {
  readonly site: Site
  readonly stored: StoredSite
  readonly served: StoredCertificate | null
}

async function standing({ deps, input, actor }: Context): Promise<Standing> {
  const site = await deps.site(actor, input.siteId)
  const stored = await deps.store.site(input.siteId)
  return { site, stored, served: await deps.served(stored) }
}

function withOrder(stored: StoredSite, { input }: Context): StoredSite {
  return { ...stored, order: input.order }
}

/** Stays the same while the job runs: no change of the site comes in between. */
function orderOf(site: Site, { order, allNames }: IssueCertificate): CertificateOrder {
  return allNames ? { ...order, names: provableNames(site, order.challenge) } : orderFor(site, order)
}

async function orderStep(context: Context): Promise<{ readonly certificateId: string }> {
  const { deps, input, broker, signal, actor } = context
  const { siteId, certificateId: id } = input
  const site = await deps.site(actor, siteId)
  const order = orderOf(site, input)
  const { keyType, exportable = false } = order
  const unused = await deps.store.unused(siteId, { ...order, exportable }, deps.now())
  if (unused) {
    context.log('going on with the certificate of an earlier try, which could not be served')
    return { certificateId: unused }
  }
  await deps.store.begin({
    id,
    siteId,
    kind: 'acme',
    authority: order.authority,
    names: order.names,
    keyType,
    exportable,
  })
  const known = await deps.store.certificate(id)
  const key = keyOf({ id })
  const { spki } = await broker.createKey(site.tenant, key, { ...call(context), algorithm: keyType, exportable })
  const { client, directory } = await deps.authorities.open(order.authority, signal)
  const replaces = directory.renewalInfo ? await replacedCertificate(context) : null
  const renewal = replaces ? 'ari' : input.renewal ? 'names' : null
  const record = (kind: 'order' | 'certificate' | 'failure', names: readonly string[]) =>
    deps.store.record(order.authority, { at: deps.now(), kind, names, ...(renewal && { renewal }) })
  const ask = (replaces: string | null) =>
    obtain({
      client,
      authority: order.authority,
      names: order.names,
      challenge: order.challenge,
      profile: order.profile ?? null,
      replaces,
      orderUrl: known?.orderUrl ?? null,
      signal,
      prove: proofOf(context, order, client),
      csr: () => broker.requestCertificate(site.tenant, key, { ...call(context), names: order.names }),
      ordered: async url => {
        await deps.store.remember(id, url)
        await record('order', order.names)
      },
      failed: names => record('failure', names),
      log: line => context.log(line),
      progress: fraction => context.progress(fraction),
    })
  const pem = await ask(replaces).catch(error => {
    // Who has replaced it already, or knows of none, takes an order that replaces nothing (RFC 9773 §5).
    const refused = error instanceof AcmeError && ['alreadyReplaced', 'malformed'].includes(error.type)
    if (!replaces || !refused) throw error
    context.log(`the authority does not take it as a replacement: ${error.detail}`)
    return ask(null)
  })
  const chain = judgeIssued(pem, { authority: order.authority, names: order.names, spki, now: deps.now() })
  await deps.store.complete(id, chain)
  await record('certificate', order.names)
  const made = await deps.store.certificate(id)
  context.log(`${made?.issuer} certified ${made?.names.join(', ')} until ${made?.notAfter}`)
  return { certificateId: id }
}

/** The certificate that is served, as its authority calls it. */
async function replacedCertificate({ deps, input }: Context): Promise<string | null> {
  const served = await deps.served(await deps.store.site(input.siteId))
  if (!input.renewal || served?.authority !== input.order.authority) return null
  return ariCertId(toPem('CERTIFICATE', Buffer.from(served.chain[0] ?? '', 'base64')))
}

/** HTTP-01 is answered by the web server as it stands; DNS-01 needs a record that everybody sees. */
function proofOf(context: Context, order: CertificateOrder, client: AcmeClient): Prove {
  const { challenge, provider } = order
  const proofs: Readonly<Record<ChallengeType, Prove>> = {
    'http-01': async () => undefined,
    'dns-01': async ({ identifier }, { token }) => {
      // Few sites are proven so, and what speaks DNS is large.
      const { requirePropagation, waitForPropagation } = await import('../dns/propagation.js')
      const { dns, propagation } = await context.deps.providers.open(provider ?? '')
      const record = { name: `_acme-challenge.${identifier.value}`, value: client.dnsProof(token) }
      await dns.present(record, context.signal)
      const cleanup = () => dns.cleanup(record, AbortSignal.timeout(60_000))
      try {
        requirePropagation(
          await waitForPropagation(record, {
            signal: context.signal,
            ...propagation,
            progress: (seen, of) => context.log(`${record.name}: ${seen} of ${of} name servers have it`),
          }),
        )
      } catch (error) {
        await cleanup().catch(() => {})
        throw error
      }
      return cleanup
    },
  }
  return proofs[challenge]
}

function call({ actor, job, signal }: Context): CallContext {
  return { actor, jobId: job.id, signal }
}
