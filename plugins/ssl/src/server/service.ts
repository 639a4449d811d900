import type { Site } from '@nusantara/plugin-sites/api'
import {
  type Actor,
  holds,
  type Knex,
  newId,
  type Page,
  type PluginContext,
  type RouteRequest,
  type Submission,
} from '@nusantara/sdk'
import type { Certificate, CertificateOrder, Expiry, SiteCertificate } from '../api.js'
import type { SslDeps } from './deps.js'
import {
  NameForeign,
  NoCertificate,
  NotExportable,
  NotRevocable,
  OrderRunning,
  ProviderUnknown,
  UploadRefused,
  WildcardNeedsDns,
} from './errors.js'
import { issueCertificate } from './jobs/issue.js'
import { changePolicy, installUpload, removeTls, revokeCertificate, selfSign, soundPolicy } from './jobs/serve.js'
import { orderFor } from './order-names.js'
import { describe } from './pem/certificate-facts.js'
import { InvalidUpload } from './pem/invalid.js'
import { type JudgedUpload, judgeUpload } from './pem/judge-upload.js'
import { splitPem, toPem } from './pem/split-pem.js'
import type { IssueBody, PolicyBody, RevokeBody, SelfSignBody, UploadBody } from './routes/bodies.js'
import { expiriesOf, type ListQuery, pageOf } from './site-list.js'
import { keyOf, type StoredCertificate, untouched } from './store/rows.js'
import { viewOf } from './view.js'

type OfSite<B = unknown> = RouteRequest<{ readonly id: string }, unknown, B>

/** Of what the plugin does by itself. */
export interface Unattended {
  /** Not before then. */
  readonly at?: Date
  /** Id of the certificate that it is to take the place of; when another one is served by then nothing is done. */
  readonly insteadOf?: string
  /** For every name that the site has by then and the challenge can prove. */
  readonly allNames?: boolean
}

/** What routes ask for. Validates, then queues; everything that touches the system is in the jobs. */
export class Ssl {
  constructor(
    private readonly context: PluginContext,
    readonly deps: SslDeps,
  ) {}

  async show(actor: Actor, siteId: string): Promise<SiteCertificate> {
    const site = await this.deps.site(actor, siteId)
    const stored = await this.deps.store.site(siteId)
    const certificate = await this.deps.served(stored)
    return viewOf(site, stored, certificate && shown(certificate), this.deps.now())
  }

  /** Of the sites that the actor sees; what asks for attention first, unless sorted otherwise. */
  async list(actor: Actor, query: ListQuery = {}): Promise<Page<SiteCertificate>> {
    return pageOf(await this.#standings(actor), query)
  }

  /** Every certificate that is served for a site that the actor sees, by when it ends. */
  async expiries(actor: Actor): Promise<readonly Expiry[]> {
    return expiriesOf(await this.#standings(actor))
  }

  async #standings(actor: Actor): Promise<readonly SiteCertificate[]> {
    const { store, now } = this.deps
    const sites = await this.deps.allSites(actor)
    const stored = await store.sitesOf(sites.map(({ id }) => id))
    const certificates = await store.shown([...stored.values()].flatMap(({ certificateId }) => certificateId ?? []))
    const at = now()
    return sites.map(site => {
      const standing = stored.get(site.id) ?? untouched(site.id)
      return viewOf(site, standing, certificates.get(standing.certificateId ?? '') ?? null, at)
    })
  }

  async history(actor: Actor, siteId: string): Promise<readonly Certificate[]> {
    await this.deps.site(actor, siteId)
    return (await this.deps.store.history(siteId)).map(shown)
  }

  /** @throws ssl.name_foreign, ssl.wildcard_needs_dns, ssl.authority_unknown, ssl.provider_unknown */
  async issue(request: OfSite<IssueBody>): Promise<Submission> {
    const { actor, body } = request
    const site = await this.deps.site(actor, request.params.id)
    const order = await this.#order(actor, site, body)
    return this.#submitIssue(site, order, false, { request })
  }

  /** Work that starts itself; where it fails it is not tried again by itself. */
  async issueFor(actor: Actor, siteId: string, order: CertificateOrder, how: Unattended = {}): Promise<void> {
    await this.#submitIssue(await this.deps.site(actor, siteId), order, false, { ...how, actor })
  }

  /** With what it was issued with before; `at`: not before that time. @throws ssl.no_certificate */
  async renew(
    siteId: string,
    options: { readonly request: OfSite } | { readonly actor: Actor; readonly at: Date },
  ): Promise<Submission> {
    const actor = 'request' in options ? options.request.actor : options.actor
    const site = await this.deps.site(actor, siteId)
    const { order, certificateId } = await this.deps.store.site(siteId)
    if (!order || !certificateId) throw NoCertificate({ domain: site.unicodeDomain })
    const by = 'request' in options ? options : { ...options, insteadOf: certificateId }
    return this.#submitIssue(site, orderFor(site, order), true, by)
  }

  /** @throws ssl.upload_refused, key_unsuitable */
  async upload(request: OfSite<UploadBody>): Promise<Submission> {
    const site = await this.deps.site(request.actor, request.params.id)
    const { chain, keyPem } = judge(request.body.pem, site, this.deps.now())
    const certificateId = newId()
    const ders = chain.map(pem => splitPem(pem)[0]?.der.toString('base64') ?? '')
    return this.context.jobs.submit(
      installUpload,
      { siteId: site.id, domain: site.domain, certificateId, chain: ders, privateKey: keyPem ?? '' },
      { request, ...ownedBy(site), generated: { certificateId }, insert: this.#mark(site) },
    )
  }

  async selfSign(request: OfSite<SelfSignBody>): Promise<Submission> {
    const site = await this.deps.site(request.actor, request.params.id)
    const certificateId = newId()
    const names = [site.domain, ...site.aliases]
    return this.context.jobs.submit(
      selfSign,
      { siteId: site.id, domain: site.domain, certificateId, names, days: request.body.days },
      { request, ...ownedBy(site), generated: { certificateId }, insert: this.#mark(site) },
    )
  }

  /** @throws ssl.no_certificate, ssl.hsts_needs_redirect */
  async changePolicy(request: OfSite<PolicyBody>): Promise<Submission> {
    const site = await this.deps.site(request.actor, request.params.id)
    const { policy, certificateId } = await this.deps.store.site(site.id)
    if (!certificateId) throw NoCertificate({ domain: site.unicodeDomain })
    soundPolicy({ ...policy, ...request.body })
    return this.context.jobs.submit(
      changePolicy,
      { siteId: site.id, domain: site.domain, policy: request.body },
      { request, ...ownedBy(site), insert: this.#mark(site) },
    )
  }

  /** @throws ssl.no_certificate */
  async remove(request: OfSite): Promise<Submission> {
    const site = await this.deps.site(request.actor, request.params.id)
    const { certificateId } = await this.deps.store.site(site.id)
    if (!certificateId) throw NoCertificate({ domain: site.unicodeDomain })
    return this.context.jobs.submit(
      removeTls,
      { siteId: site.id, domain: site.domain },
      { request, ...ownedBy(site), insert: this.#mark(site) },
    )
  }

  /** @throws ssl.no_certificate, ssl.not_revocable */
  async revoke(request: OfSite<RevokeBody>): Promise<Submission> {
    const site = await this.deps.site(request.actor, request.params.id)
    const stored = await this.deps.store.site(site.id)
    const certificateId = request.body.certificateId ?? stored.certificateId
    const certificate = certificateId ? await this.deps.store.certificate(certificateId) : null
    if (!certificate || certificate.siteId !== site.id) throw NoCertificate({ domain: site.unicodeDomain })
    if (certificate.kind !== 'acme' || certificate.state !== 'valid') throw NotRevocable({ domain: site.unicodeDomain })
    return this.context.jobs.submit(
      revokeCertificate,
      { siteId: site.id, domain: site.domain, certificateId: certificate.id, reason: reasons[request.body.reason] },
      { request, ...ownedBy(site), insert: this.#mark(site) },
    )
  }

  /** PEM of what is served. @throws ssl.no_certificate */
  async chain(actor: Actor, siteId: string): Promise<{ readonly pem: string; readonly facts: unknown[] }> {
    const { certificate } = await this.#served(actor, siteId)
    const blocks = certificate.chain.map(der => toPem('CERTIFICATE', Buffer.from(der, 'base64')))
    return { pem: blocks.join(''), facts: blocks.map(describe) }
  }

  /** With its private key. @throws ssl.no_certificate, ssl.not_exportable */
  async export(actor: Actor, siteId: string): Promise<{ readonly pem: string; readonly key: string }> {
    const { site, certificate } = await this.#served(actor, siteId)
    if (!certificate.exportable) throw NotExportable({ domain: site.unicodeDomain })
    const key = await this.context.broker.exportKey(site.tenant, keyOf(certificate), { actor })
    return { pem: (await this.chain(actor, siteId)).pem, key }
  }

  async #served(actor: Actor, siteId: string): Promise<{ site: Site; certificate: StoredCertificate }> {
    const site = await this.deps.site(actor, siteId)
    const certificate = await this.deps.served(await this.deps.store.site(siteId))
    if (!certificate) throw NoCertificate({ domain: site.unicodeDomain })
    return { site, certificate }
  }

  async #order(actor: Actor, site: Site, body: IssueBody): Promise<CertificateOrder> {
    const all = [site.domain, ...site.aliases]
    const challenge = body.challenge ?? (body.provider ? 'dns-01' : 'http-01')
    const named = body.names ?? all.filter(name => challenge === 'dns-01' || !name.startsWith('*.'))
    for (const name of named) {
      if (!all.includes(name)) throw NameForeign({ name })
      if (name.startsWith('*.') && challenge !== 'dns-01') throw WildcardNeedsDns({ name })
    }
    const authority = body.authority ?? (await this.deps.authorities.default())
    await this.deps.authorities.require(authority)
    // A provider proves whatever its zones hold, whoever the name belongs to.
    const mayProve = holds(actor, 'ssl:authorities') && body.provider && (await this.deps.providers.has(body.provider))
    if (challenge === 'dns-01' && !mayProve) throw ProviderUnknown({ provider: body.provider ?? '' })
    return {
      authority,
      names: named,
      keyType: body.keyType ?? 'ec256',
      challenge,
      ...(challenge === 'dns-01' && { provider: body.provider as string }),
      ...(body.profile && { profile: body.profile }),
      ...(body.exportable && { exportable: true }),
    }
  }

  #submitIssue(
    site: Site,
    order: CertificateOrder,
    renewal: boolean,
    options: { readonly request: OfSite<unknown> } | (Unattended & { readonly actor: Actor }),
  ): Promise<Submission> {
    const certificateId = newId()
    // Who asks for one now gets one, whatever is served by then.
    const { request, at, insteadOf, allNames } =
      'request' in options ? { request: options.request } : { ...options, request: { actor: options.actor } }
    return this.context.jobs.submit(
      issueCertificate,
      {
        siteId: site.id,
        domain: site.domain,
        certificateId,
        order,
        renewal,
        ...(insteadOf && { insteadOf }),
        ...(allNames && { allNames }),
      },
      {
        request,
        ...ownedBy(site),
        generated: { certificateId },
        ...(at && { notBefore: at.getTime() }),
        insert: async (trx, job) => {
          if ('request' in options) await this.#requireRest(trx, site)
          await this.#mark(site)(trx, job)
        },
      },
    )
  }

  /**
   * One order a site at a time: they hold the site, and count with the authority. A renewal that waits for its own time does
   * not stand in the way.
   *
   * @throws ssl.order_running
   */
  async #requireRest(trx: Knex, site: Site): Promise<void> {
    const { jobId, renewAt } = await this.deps.store.site(site.id, trx)
    const state = jobId ? await this.context.jobs.state(trx, jobId) : null
    const waits = state === 'queued' && renewAt !== null && new Date(renewAt) > this.deps.now()
    if ((state === 'queued' || state === 'running') && !waits)
      throw OrderRunning({ domain: site.unicodeDomain, job: jobId ?? '' })
  }

  /** In the transaction that queues a job of the site. */
  #mark(site: Site) {
    return async (
      trx: Parameters<Parameters<PluginContext['db']['transaction']>[0]>[0],
      job: { readonly id: string },
    ) => this.deps.store.update(site.id, { jobId: job.id }, trx)
  }
}

const reasons: Readonly<Record<RevokeBody['reason'], number>> = {
  unspecified: 0,
  'key-compromise': 1,
  superseded: 4,
  'cessation-of-operation': 5,
}

function ownedBy({ id, accountId }: Site) {
  return { resourceId: id, accountId }
}

function shown({ chain: _, orderUrl: __, ...certificate }: StoredCertificate): Certificate {
  return certificate
}

/** Lists as one text, as catalogues take them. */
function wordable(params: InvalidUpload['params']): Readonly<Record<string, string | number>> {
  const value = (given: InvalidUpload['params'][string]) => (typeof given === 'object' ? given.join(', ') : given)
  return Object.fromEntries(Object.entries(params).map(([name, given]) => [name, value(given)]))
}

/** @throws ssl.upload_refused */
function judge(pem: string, { domain, aliases }: Site, now: Date): JudgedUpload {
  try {
    return judgeUpload({ pem, now, names: [domain, ...aliases] })
  } catch (error) {
    if (error instanceof InvalidUpload) throw UploadRefused({ ...wordable(error.params), reason: error.reason })
    throw error
  }
}
