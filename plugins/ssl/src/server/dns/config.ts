import { X509Certificate } from 'node:crypto'
import { Joi, multiline, object, type Schema } from '@nusantara/sdk'
import { parseEndpoint } from './endpoint.js'
import { isRecordName, plainName } from './names.js'
import type { TsigKey } from './tsig.js'
import { webhookUrl } from './webhook-url.js'

/** What providers of every type may say of the zones that they change. */
export interface ZoneConfig {
  /**
   * Servers that are asked whether they have a record already, in place of those that the zone's NS records name:
   * `10.0.0.53`, `[2001:db8::1]:5353`. For a machine that has no way to the public ones: behind a firewall that lets no
   * DNS out, or beside a hidden primary in a network of its own.
   */
  readonly nameservers?: readonly string[]
}

export interface Rfc2136Config extends ZoneConfig {
  readonly type: 'rfc2136'
  /** `ns.example.test:53`, `192.0.2.1`, `[2001:db8::1]:53`; port 53 when left out. */
  readonly server: string
  /** The zone to change. The server is asked when left out. */
  readonly zone?: string
  readonly tsig?: TsigKey
}

export interface CloudflareConfig extends ZoneConfig {
  readonly type: 'cloudflare'
  /** An API token with Zone:Read and DNS:Edit; DNS:Edit suffices when the zone is given. */
  readonly token: string
  readonly zoneId?: string
  /** For tests: the schema takes none, because the token is sent there. */
  readonly apiUrl?: string
}

export interface WebhookConfig extends ZoneConfig {
  readonly type: 'webhook'
  /** https, or http on this machine. */
  readonly url: string
  /** Signs the requests. */
  readonly secret?: string
  /** The authorities to trust instead of the public ones. */
  readonly caPem?: string
}

export type DnsProviderConfig = Rfc2136Config | CloudflareConfig | WebhookConfig

const secrets = {
  rfc2136: ['tsig.secret'],
  cloudflare: ['token'],
  webhook: ['secret'],
} as const satisfies Record<DnsProviderConfig['type'], readonly string[]>

/** Dotted paths of the fields that are sealed at rest and never sent back. */
export function secretsOf(type: DnsProviderConfig['type']): readonly string[] {
  return secrets[type]
}

// Rules are functions with messages of their own: Joi's message of a pattern repeats the value, which may be a secret.
/** Certificates of an authority, in PEM. */
export const certificatePem = multiline()
  .max(40_000)
  .custom((value: string, helpers) => (isCertificate(value) ? value : helpers.error('ssl.dns_ca')))
  .messages({ 'ssl.dns_ca': '{{#label}} is not a certificate in PEM' })

const checked = (code: string, message: string, passes: (value: string) => boolean) =>
  Joi.string()
    .custom((value: string, helpers) => (passes(value) ? value : helpers.error(code)))
    .messages({ [code]: `{{#label}} ${message}` })

const server = checked(
  'ssl.dns_server',
  'is not a server; write ns.example.test:53, 192.0.2.1 or [2001:db8::1]:53',
  value => parseEndpoint(value) !== undefined,
).max(300)

const nameservers = Joi.array().items(server).min(1).max(16).unique()

const zone = checked('ssl.dns_zone', 'is not a zone; write it as example.test', value => isRecordName(plainName(value)))

const tsig = object<TsigKey>({
  name: checked(
    'ssl.dns_key_name',
    'is not the name of a key; use letters, digits, hyphens, underscores and dots',
    value => /^(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?$/i.test(value),
  )
    .max(253)
    .required(),
  algorithm: Joi.string().valid('hmac-sha256', 'hmac-sha384', 'hmac-sha512').required(),
  secret: checked('ssl.dns_key_secret', 'is not base64; copy the secret as the key file has it', isBase64)
    .max(400)
    .required(),
}).optional()

export const rfc2136Schema: Schema<Rfc2136Config> = object<Rfc2136Config>({
  type: Joi.valid('rfc2136').required(),
  server: server.required(),
  zone: zone.max(254),
  tsig,
  nameservers,
})

export const cloudflareSchema: Schema<CloudflareConfig> = object<CloudflareConfig>({
  type: Joi.valid('cloudflare').required(),
  token: checked('ssl.dns_token', 'is not an API token; it has letters, digits, hyphens and underscores alone', value =>
    /^[A-Za-z0-9_-]{20,200}$/.test(value),
  ).required(),
  zoneId: checked('ssl.dns_zone_id', 'is not the ID of a zone; it has 32 hexadecimal digits', value =>
    /^[0-9a-f]{32}$/i.test(value),
  ),
  apiUrl: Joi.forbidden(),
  nameservers,
})

export const webhookSchema: Schema<WebhookConfig> = object<WebhookConfig>({
  type: Joi.valid('webhook').required(),
  url: checked(
    'ssl.dns_webhook_url',
    'must begin with https:// (http:// on this machine alone) and hold no user, password or fragment',
    value => webhookUrl(value) !== undefined,
  )
    .max(2000)
    .required(),
  secret: Joi.string().min(16).max(400),
  caPem: certificatePem,
  nameservers,
})

const byType = { rfc2136: rfc2136Schema, cloudflare: cloudflareSchema, webhook: webhookSchema }

/** Refuses every value: of a type that there is not, nothing else is worth a word. */
const otherType = Joi.object({ type: Joi.valid(...Object.keys(byType)).required() }).options({ allowUnknown: true })

/**
 * The schema of the type that the value names. One condition after the other: inside a `switch` the kernel does not see
 * which fields may be multi-line.
 */
export const dnsProviderSchema = Object.entries(byType)
  .reduce((schema, [type, then], index, { length }) => {
    return schema.conditional('.type', { is: type, then, ...(index === length - 1 && { otherwise: otherType }) })
  }, Joi.alternatives())
  .required() as unknown as Schema<DnsProviderConfig>

function isBase64(text: string): boolean {
  return text !== '' && Buffer.from(text, 'base64').toString('base64') === text
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== null
  } catch {
    return false
  }
}
