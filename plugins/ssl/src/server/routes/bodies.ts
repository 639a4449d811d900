import { Joi, type KeyAlgorithm, multiline, object, type Schema } from '@nusantara/sdk'
import type { ChallengeType, TlsPolicy } from '../../api.js'
import type { AuthorityBody } from '../authorities/authorities.js'
import { certificatePem, dnsProviderSchema } from '../dns/config.js'
import type { ProviderBody } from '../dns/providers.js'
import type { ReadinessQuery } from '../readiness-check.js'
import { type ListQuery, sortKeys } from '../site-list.js'

const id = Joi.string()
  .pattern(/^[a-z0-9][a-z0-9-]{0,39}$/)
  .messages({ 'string.pattern.base': '{{#label}} must be lower-case letters, digits and hyphens, at most 40' })
const name = Joi.string().max(253)
const keyTypes: readonly KeyAlgorithm[] = ['ec256', 'ec384', 'rsa2048', 'rsa3072', 'rsa4096']

export const listQuery = object<ListQuery>({
  q: Joi.string().max(253).allow(''),
  limit: Joi.number().integer().min(1).max(200).default(50),
  cursor: Joi.string().max(2000),
  sort: Joi.string()
    .valid(...sortKeys)
    .default('attention'),
})

export interface IssueBody {
  readonly authority?: string
  /** Default: every name of the site that the challenge can prove. */
  readonly names?: readonly string[]
  readonly keyType?: KeyAlgorithm
  readonly challenge?: ChallengeType
  readonly provider?: string
  readonly profile?: string
  readonly exportable?: boolean
}

export const issueBody = object<IssueBody>({
  authority: id,
  names: Joi.array().items(name).min(1).max(100).unique(),
  keyType: Joi.string().valid(...keyTypes),
  challenge: Joi.string().valid('http-01', 'dns-01'),
  provider: id,
  profile: Joi.string().pattern(/^[A-Za-z0-9._-]{1,64}$/),
  exportable: Joi.boolean(),
})

export interface UploadBody {
  /** Certificate, chain and key in any order. */
  readonly pem: string
}

export const uploadBody = object<UploadBody>({ pem: multiline().max(65_536).required() })

export interface SelfSignBody {
  readonly days: number
}

export const selfSignBody = object<SelfSignBody>({ days: Joi.number().integer().min(1).max(825).default(30) })

export type PolicyBody = Partial<TlsPolicy>

export const policyBody: Schema<PolicyBody> = object<TlsPolicy>({
  redirect: Joi.boolean(),
  // Two years, which the preload list asks at least half of.
  hsts: Joi.number().integer().min(0).max(63_072_000),
  hstsSubdomains: Joi.boolean(),
  profile: Joi.string().valid('intermediate', 'modern'),
})

export interface RevokeBody {
  /** Default: the one that is served. */
  readonly certificateId?: string
  readonly reason: 'unspecified' | 'key-compromise' | 'superseded' | 'cessation-of-operation'
}

export const revokeBody = object<RevokeBody>({
  certificateId: Joi.string().max(40),
  reason: Joi.string()
    .valid('unspecified', 'key-compromise', 'superseded', 'cessation-of-operation')
    .default('unspecified'),
})

export const authorityBody: Schema<AuthorityBody> = (
  object<AuthorityBody>({
    id: id.required(),
    name: Joi.string().min(1).max(100).required(),
    directoryUrl: Joi.string()
      .uri({ scheme: ['https'] })
      .max(500)
      .required(),
    caPem: certificatePem,
    eabKeyId: Joi.string().min(1).max(500),
    eabSecret: Joi.string()
      .pattern(/^[A-Za-z0-9_-]+={0,2}$/)
      .max(500)
      .messages({ 'string.pattern.base': '{{#label}} must be base64url' }),
  }) as Joi.ObjectSchema<AuthorityBody>
).and('eabKeyId', 'eabSecret')

export const providerBody = object<ProviderBody>({
  id: id.required(),
  name: Joi.string().min(1).max(100).required(),
  config: dnsProviderSchema.required(),
})

export const siteParams = object<{ readonly id: string }>({ id: Joi.string().max(64).required() })
export const idParams = object<{ readonly id: string }>({ id: id.required() })

export const readinessQuery = object<ReadinessQuery>({
  authority: id,
  challenge: Joi.string().valid('http-01', 'dns-01').default('http-01'),
})
