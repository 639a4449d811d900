import { Joi, object, type Page, type Schema } from '@nusantara/sdk'
import type {
  Authority,
  Certificate,
  CertificateOrder,
  Expiry,
  Failure,
  SiteCertificate,
  TlsPolicy,
} from '../../api.js'
import type { ProviderView } from '../dns/providers.js'
import type { CertificateFacts } from '../pem/certificate-facts.js'
import type { Finding } from '../readiness/finding.js'

const text = Joi.string().allow('')
const time = Joi.string().isoDate()
const names = Joi.array().items(Joi.string())

const policy = object<TlsPolicy>({
  redirect: Joi.boolean().required(),
  hsts: Joi.number().integer().required(),
  hstsSubdomains: Joi.boolean().required(),
  profile: Joi.string().valid('intermediate', 'modern').required(),
})

const order = object<CertificateOrder>({
  authority: Joi.string().required(),
  names: names.required(),
  keyType: Joi.string().required(),
  challenge: Joi.string().valid('http-01', 'dns-01').required(),
  provider: Joi.string(),
  profile: Joi.string(),
  exportable: Joi.boolean(),
})

const kind = Joi.string().valid('acme', 'upload', 'self-signed')
const health = Joi.string().valid('none', 'ok', 'warning', 'failed')

const certificate = object<Certificate>({
  id: Joi.string().required(),
  siteId: Joi.string().required(),
  kind: kind.required(),
  state: Joi.string().valid('pending', 'valid', 'revoked').required(),
  authority: Joi.string().allow(null).required(),
  names: names.required(),
  keyType: text.required(),
  exportable: Joi.boolean().required(),
  issuer: text.allow(null).required(),
  notBefore: time.allow(null).required(),
  notAfter: time.allow(null).required(),
  serial: Joi.string().allow(null).required(),
  fingerprint: Joi.string().allow(null).required(),
  createdAt: time.required(),
})

const failure = object<Failure>({
  code: Joi.string().required(),
  params: Joi.object().unknown(true).required(),
  at: time.required(),
})

export const siteSchema = object<SiteCertificate>({
  siteId: Joi.string().required(),
  domain: Joi.string().required(),
  names: names.required(),
  certificate: certificate.optional().allow(null).required(),
  secured: names.required(),
  policy: policy.required(),
  order: order.optional().allow(null).required(),
  renewAt: time.allow(null).required(),
  renewalReason: Joi.string().allow(null).required(),
  failures: Joi.number().integer().required(),
  failure: failure.optional().allow(null).required(),
  job: Joi.string().allow(null).required(),
  health: health.required(),
})

export const pageSchema = object<Page<SiteCertificate>>({
  items: Joi.array().items(siteSchema).required(),
  nextCursor: Joi.string(),
  total: Joi.number(),
})

export const expirySchema = object<{ readonly items: readonly Expiry[] }>({
  items: Joi.array()
    .items(
      object<Expiry>({
        siteId: Joi.string().required(),
        domain: Joi.string().required(),
        notAfter: time.required(),
        kind: kind.required(),
        health: health.required(),
      }),
    )
    .required(),
})

export const historySchema = object<{ readonly items: readonly Certificate[] }>({
  items: Joi.array().items(certificate).required(),
})

export const chainSchema = object<{ readonly pem: string; readonly facts: readonly CertificateFacts[] }>({
  pem: Joi.string().required(),
  facts: Joi.array()
    .items(
      object<CertificateFacts>({
        subject: text.required(),
        issuer: text.required(),
        serial: text.required(),
        notBefore: time.required(),
        notAfter: time.required(),
        fingerprint256: Joi.string().required(),
        spki256: Joi.string().required(),
        names: names.required(),
        addresses: names.required(),
        keyType: Joi.string().required(),
        signature: Joi.string().required(),
        selfSigned: Joi.boolean().required(),
        authorityKeyId: Joi.string().allow(null).required(),
        crtsh: Joi.string().required(),
      }),
    )
    .required(),
})

export const exportSchema = object<{ readonly pem: string; readonly key: string }>({
  pem: Joi.string().required(),
  key: Joi.string().required(),
})

const authority = object<Authority>({
  id: Joi.string().required(),
  name: Joi.string().required(),
  directoryUrl: Joi.string().required(),
  builtIn: Joi.boolean().required(),
  default: Joi.boolean().required(),
  caPem: text.allow(null).required(),
  eabKeyId: Joi.string().allow(null).required(),
  accountUrl: Joi.string().allow(null).required(),
})

export const authoritySchema: Schema<Authority> = authority
export const authoritiesSchema = object<{ readonly items: readonly Authority[] }>({
  items: Joi.array().items(authority).required(),
})

const provider = object<ProviderView>({
  id: Joi.string().required(),
  name: Joi.string().required(),
  type: Joi.string().valid('rfc2136', 'cloudflare', 'webhook').required(),
  config: Joi.object().unknown(true).required(),
})
export const providerSchema: Schema<ProviderView> = provider
export const providersSchema = object<{ readonly items: readonly ProviderView[] }>({
  items: Joi.array().items(provider).required(),
})

export const readinessSchema = object<{ readonly findings: readonly Finding[] }>({
  findings: Joi.array()
    .items(
      object<Finding>({
        check: Joi.string().required(),
        name: Joi.string().required(),
        status: Joi.string().valid('ok', 'warning', 'failed').required(),
        code: Joi.string().required(),
        params: Joi.object().unknown(true).required(),
      }),
    )
    .required(),
})
