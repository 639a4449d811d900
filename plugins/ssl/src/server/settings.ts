import { defineSettings, Joi, object, type SettingsDefinition } from '@nusantara/sdk'

export interface SslSettings {
  /** Id of the authority that is asked unless somebody names another one. */
  readonly authority: string
  /** Address that authorities may write to; empty: none. */
  readonly contact: string
}

export const sslSettings: SettingsDefinition<SslSettings> = defineSettings(
  object<SslSettings>({
    authority: Joi.string()
      .pattern(/^[a-z0-9][a-z0-9-]{0,39}$/)
      .default('letsencrypt'),
    contact: Joi.string().email({ tlds: false }).allow('').max(254).default(''),
  }),
  { version: 1 },
)
