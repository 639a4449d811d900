import { defineSettings, Joi, object, type SettingsDefinition } from '@nusantara/sdk'
import { parseAddresses } from './dns/endpoint.js'

export interface SslSettings {
  /** Id of the authority that is asked unless somebody names another one. */
  readonly authority: string
  /** Address that authorities may write to; empty: none. */
  readonly contact: string
  /**
   * DNS servers that are asked what the world sees, `192.0.2.1, [2001:db8::1]:5353`; empty: those of this machine. For a
   * machine whose own resolver answers with inside addresses, or knows nothing of the zones.
   */
  readonly resolvers: string
}

/** One address (RFC 8555 §7.3), as browsers take it (html.spec.whatwg.org, "Valid email address"), or nothing. */
const contact = /^(?:[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)?$/

export const sslSettings: SettingsDefinition<SslSettings> = defineSettings(
  object<SslSettings>({
    authority: Joi.string()
      .pattern(/^[a-z0-9][a-z0-9-]{0,39}$/)
      .default('letsencrypt'),
    contact: Joi.string().allow('').pattern(contact).max(254).default('').messages({
      'string.pattern.base': '{{#label}} must be one address of mail, or empty',
    }),
    resolvers: Joi.string()
      .allow('')
      .max(400)
      .custom((value: string, helpers) => (parseAddresses(value) ? value : helpers.error('ssl.resolvers')))
      .messages({
        'ssl.resolvers': '{{#label}} is not a list of addresses; write them as 192.0.2.1, [2001:db8::1]:5353',
      })
      .default(''),
  }),
  { version: 1 },
)
