import { defineJob, Joi, type Knex, multiline, object, type StepContext } from '@nusantara/sdk'
import type { TlsPolicy } from '../../api.js'
import { AcmeError } from '../acme/acme-error.js'
import { asProblem } from '../acme/problems.js'
import type { SslDeps } from '../deps.js'
import { HstsNeedsRedirect } from '../errors.js'
import { keyOf } from '../store/rows.js'
import { forgetCertificate, installStep } from './install.js'

interface OfSite {
  readonly siteId: string
  /** For titles and logs. */
  readonly domain: string
}

const ofSite = { siteId: Joi.string().required(), domain: Joi.string().required() }

/** Nobody works on the site any more, unless another job came meanwhile. */
async function rested(
  trx: Knex.Transaction,
  { input, deps, jobId }: { readonly input: OfSite; readonly deps: SslDeps; readonly jobId: string },
): Promise<void> {
  await deps.store.release(input.siteId, jobId, trx)
}

const concurrency = ({ siteId }: OfSite) => [`ssl:${siteId}`, `sites:${siteId}`]

export interface ChangePolicy extends OfSite {
  /** What is left out stays as it is when the job runs. */
  readonly policy: Partial<TlsPolicy>
}

/** How a site answers over TLS, with the certificate that it has. */
export const changePolicy = defineJob<ChangePolicy, SslDeps>({
  type: 'ssl.policy',
  version: 1,
  input: object<ChangePolicy>({ ...ofSite, policy: Joi.object().unknown(true).required() }),
  concurrency,
})
  .step(
    'install',
    installStep<ChangePolicy>(({ policy }, _site, before) => ({
      policy: soundPolicy({ ...before.policy, ...policy }),
    })),
  )
  .settled(rested)

/** @throws ssl.hsts_needs_redirect */
export function soundPolicy(policy: TlsPolicy): TlsPolicy {
  if (policy.hsts > 0 && !policy.redirect) throw HstsNeedsRedirect()
  return policy
}

export interface InstallUpload extends OfSite {
  readonly certificateId: string
  /** DER in base64, leaf first. */
  readonly chain: readonly string[]
  /** PKCS#8 PEM; sealed until the broker has it. */
  readonly privateKey: string
}

/** A certificate that somebody brought. */
export const installUpload = defineJob<InstallUpload, SslDeps>({
  type: 'ssl.upload',
  version: 1,
  input: object<InstallUpload>({
    ...ofSite,
    certificateId: Joi.string().required(),
    chain: Joi.array().items(Joi.string()).min(1).required(),
    privateKey: multiline().required(),
  }),
  concurrency,
  secrets: ['privateKey'],
})
  .step('keep', {
    onCrash: 'replay',
    plan: async () => null,
    run: async ({ input, deps, broker, actor, job, signal }) => {
      const { certificateId: id, siteId, chain, privateKey } = input
      const { tenant } = await deps.site(actor, siteId)
      await broker.importKey(tenant, keyOf({ id }), { actor, jobId: job.id, signal, pem: privateKey })
      await deps.store.begin({ id, siteId, kind: 'upload', names: [], keyType: '', exportable: true })
      await deps.store.complete(id, chain)
    },
    undo: forgetCertificate,
  })
  .step(
    'install',
    installStep<InstallUpload>(({ certificateId }) => ({ certificateId, order: null })),
  )
  .settled(rested)

export interface SelfSign extends OfSite {
  readonly certificateId: string
  readonly names: readonly string[]
  readonly days: number
}

/** A certificate that nobody vouches for, for tests: browsers warn of it. */
export const selfSign = defineJob<SelfSign, SslDeps>({
  type: 'ssl.self_sign',
  version: 1,
  input: object<SelfSign>({
    ...ofSite,
    certificateId: Joi.string().required(),
    names: Joi.array().items(Joi.string()).min(1).required(),
    days: Joi.number().integer().required(),
  }),
  concurrency,
})
  .step('sign', {
    onCrash: 'replay',
    plan: async ({ input }) => ({
      summary: { code: 'ssl.plan.sign', params: { names: input.names.join(', '), days: input.days } },
      late: true,
    }),
    run: async ({ input, deps, broker, actor, job, signal }) => {
      const { certificateId: id, siteId, names, days } = input
      const { tenant } = await deps.site(actor, siteId)
      const call = { actor, jobId: job.id, signal }
      await deps.store.begin({ id, siteId, kind: 'self-signed', names, keyType: 'ec256', exportable: false })
      await broker.createKey(tenant, keyOf({ id }), { ...call, algorithm: 'ec256' })
      const known = await deps.store.certificate(id)
      if (known?.chain.length) return
      await deps.store.complete(id, [await broker.selfSign(tenant, keyOf({ id }), { ...call, names, days })])
    },
    undo: forgetCertificate,
  })
  .step(
    'install',
    installStep<SelfSign>(({ certificateId }) => ({ certificateId, order: null })),
  )

/** The site answers over plain HTTP alone. */
export const removeTls = defineJob<OfSite, SslDeps>({
  type: 'ssl.remove',
  version: 1,
  input: object<OfSite>(ofSite),
  concurrency,
}).step(
  'install',
  installStep<OfSite>(() => ({ certificateId: null, order: null })),
)

export interface Revoke extends OfSite {
  readonly certificateId: string
  /** RFC 5280 §5.3.1. */
  readonly reason: number
}

const takeOut = installStep<Revoke>(() => ({ certificateId: null, order: null }))

/** A certificate that shall count no longer. One that is served is taken out of service first. */
export const revokeCertificate = defineJob<Revoke, SslDeps>({
  type: 'ssl.revoke',
  version: 1,
  input: object<Revoke>({
    ...ofSite,
    certificateId: Joi.string().required(),
    reason: Joi.number().integer().required(),
  }),
  concurrency,
})
  .step('install', {
    onCrash: 'replay',
    plan: async context => ((await isServed(context)) ? ((await takeOut.plan?.(context)) ?? null) : null),
    // Not undone: who wants a certificate revoked wants it out of service, whatever the authority answers.
    run: async context => ((await isServed(context)) ? takeOut.run(context) : null),
  })
  .step('revoke', {
    onCrash: 'replay',
    plan: async ({ input, deps }) => {
      const certificate = await deps.store.certificate(input.certificateId)
      return { summary: { code: 'ssl.plan.revoke', params: { names: certificate?.names.join(', ') ?? '' } } }
    },
    run: async ({ input, deps, signal, log }) => {
      const certificate = await deps.store.certificate(input.certificateId)
      if (!certificate?.authority || certificate.state !== 'valid') return
      const { name } = await deps.authorities.require(certificate.authority)
      try {
        const { client } = await deps.authorities.open(certificate.authority, signal)
        await client.revoke(certificate.chain[0] ?? '', input.reason)
      } catch (error) {
        // Also when an answer was lost.
        if (!(error instanceof AcmeError && error.type === 'alreadyRevoked')) throw asProblem(error, name)
      }
      await deps.store.revoked(input.certificateId)
      log(`${name} revoked ${certificate.fingerprint?.slice(0, 16)}…`)
    },
  })
  .settled(rested)

async function isServed({ input, deps }: StepContext<Revoke, unknown, SslDeps>): Promise<boolean> {
  return (await deps.store.site(input.siteId)).certificateId === input.certificateId
}
