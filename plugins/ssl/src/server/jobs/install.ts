import type { Site, SiteCall, SiteOffer } from '@nusantara/plugin-sites/api'
import type { StepContext, StepDefinition } from '@nusantara/sdk'
import type { CertificateOrder, TlsPolicy } from '../../api.js'
import type { SslDeps } from '../deps.js'
import { CertificateGone, NothingCovered } from '../errors.js'
import { renewalTime } from '../renewal/renewal-time.js'
import { keyOf, type StoredCertificate, type StoredSite } from '../store/rows.js'

const plugin = 'ssl'

type Context = Pick<StepContext<unknown, unknown, SslDeps>, 'actor' | 'job' | 'signal'>

export function siteCall({ actor, job, signal }: Context): SiteCall {
  return { actor, jobId: job.id, signal }
}

export async function offerOf(
  deps: SslDeps,
  site: Site,
  stored: StoredSite,
  certificate: StoredCertificate | null,
): Promise<SiteOffer> {
  return { site: site.id, plugin, value: await deps.contribution(site, stored, certificate) }
}

/** How a site shall stand afterwards; what is left out stays. */
export interface Installation {
  /** Null: nothing over TLS any more. */
  readonly certificateId?: string | null
  readonly policy?: TlsPolicy
  /** What it renews with; null: nobody renews it. */
  readonly order?: CertificateOrder | null
}

interface SiteInput {
  readonly siteId: string
}

/**
 * Writes a site as it shall stand, in one change that is taken back unless each of its names presents the certificate; and
 * takes back a change that is in force when the job fails later.
 */
export function installStep<I extends SiteInput>(
  wanted: (input: I, site: Site, before: StoredSite) => Installation,
): StepDefinition<I, unknown, SslDeps, { readonly before: string | null; readonly after: string | null }> {
  const sides = async ({ deps, input, actor }: StepContext<I, unknown, SslDeps>) => {
    const site = await deps.site(actor, input.siteId)
    const before = await deps.store.site(input.siteId)
    const after = { ...before, ...wanted(input, site, before) }
    return { site, before, after }
  }
  return {
    onCrash: 'replay',
    plan: async context => {
      const { site, after } = await sides(context)
      const { deps } = context
      const certificate = await deps.served(after)
      const params = { domain: site.domain }
      // Before it is made nobody knows what it says.
      if (after.certificateId !== null && !certificate?.chain.length)
        return { summary: { code: 'ssl.plan.install', params }, late: true }
      const offer = await securedOffer(deps, site, after, certificate)
      const part = await deps.sites.planContribution(siteCall(context), offer)
      const code = after.certificateId === null ? 'ssl.plan.remove' : 'ssl.plan.install'
      return part && { ...part, summary: { code, params } }
    },
    run: async context => {
      const { site, before, after } = await sides(context)
      const { deps, job, stepId } = context
      const certificate = await deps.served(after)
      const offer = await securedOffer(deps, site, after, certificate)
      const change = { ...siteCall(context), changeId: stepId, attempt: job.attempt }
      const { timings } = await deps.sites.applyContribution(change, offer)
      context.log(account(site, certificate, timings))
      await keepStanding(deps, after, certificate)
      await retire(context, site, certificate)
      return { before: before.certificateId, after: after.certificateId }
    },
    undo: async context => {
      const { deps, input, actor, job, stepId, result } = context
      if (!result || !(await deps.sites.get(actor, input.siteId))) return
      const { site, before } = await sides(context)
      const former = { ...before, certificateId: result.before }
      const offer = await offerOf(deps, site, former, await deps.served(former))
      await deps.sites.applyContribution(
        { ...siteCall(context), changeId: `${stepId}:undo`, attempt: job.attempt },
        offer,
      )
      await deps.store.update(input.siteId, { certificateId: result.before })
    },
  }
}

/** Never less than was wanted: what should be served and is not there is no reason to serve nothing. */
async function securedOffer(
  deps: SslDeps,
  site: Site,
  after: StoredSite,
  certificate: StoredCertificate | null,
): Promise<SiteOffer> {
  if (after.certificateId !== null && !certificate?.chain.length) throw CertificateGone({ domain: site.unicodeDomain })
  const offer = await offerOf(deps, site, after, certificate)
  if (after.certificateId !== null && !offer.value.tls) throw NothingCovered({ domain: site.unicodeDomain })
  return offer
}

/** Takes back what a step made: the key, and what was certified for it. */
export async function forgetCertificate({
  input,
  deps,
  broker,
  actor,
}: Pick<
  StepContext<SiteInput & { readonly certificateId: string }, unknown, SslDeps>,
  'input' | 'deps' | 'broker' | 'actor'
>): Promise<void> {
  const site = await deps.sites.get(actor, input.siteId)
  // The keys of a site that is gone went with it.
  if (site) await broker.removeKey(site.tenant, keyOf({ id: input.certificateId }), { actor })
  await deps.store.discard(input.certificateId)
}

async function keepStanding(deps: SslDeps, after: StoredSite, certificate: StoredCertificate | null): Promise<void> {
  const { siteId, certificateId, policy, order } = after
  const renewAt =
    certificate?.notBefore && certificate.notAfter && order
      ? renewalTime({
          notBefore: new Date(certificate.notBefore),
          notAfter: new Date(certificate.notAfter),
          now: deps.now(),
          random: deps.random,
        }).toISOString()
      : null
  const known = await deps.store.site(siteId)
  // A policy is changed without another certificate: then what was advised about it still holds.
  const same = known.certificateId === certificateId
  if (certificateId !== null) await deps.store.activate(certificateId)
  await deps.store.update(siteId, {
    certificateId,
    policy,
    order,
    ...(!same && { renewAt, advice: null, failures: 0, failure: null }),
  })
}

/** The one before stays for a way back; what came before that one goes, with its key. */
async function retire(
  { deps, broker, actor, job, signal }: StepContext<unknown, unknown, SslDeps>,
  site: Site,
  certificate: StoredCertificate | null,
): Promise<void> {
  // By their age, not by what was served before: a step that is replayed finds its own certificate in service already.
  const others = (await deps.store.history(site.id)).filter(
    ({ id, state }) => id !== certificate?.id && state !== 'pending',
  )
  for (const old of others.slice(1)) {
    await broker.removeKey(site.tenant, keyOf(old), { actor, jobId: job.id, signal })
    await deps.store.discard(old.id)
  }
}

function account(site: Site, certificate: StoredCertificate | null, timings: Readonly<Record<string, number>>): string {
  const parts = Object.entries(timings).map(([part, took]) => `${part} ${Math.round(took)} ms`)
  const what = certificate
    ? `every name of ${site.domain} presents ${certificate.fingerprint?.slice(0, 16)}…`
    : `${site.domain} answers over plain HTTP alone`
  return parts.length ? `${what}: ${parts.join(', ')}` : what
}
