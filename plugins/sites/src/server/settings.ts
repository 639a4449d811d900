import { defineSettings, Joi, object, type SettingsDefinition } from '@nusantara/sdk'
import { lowestPort, parsePorts } from './input/port-ranges.js'

export interface SiteSettings {
  /** Loopback ports that owners of sites may proxy to, `3000-3999, 8000`. None unless an administrator grants them. */
  readonly proxyPorts: string
}

const proxyPorts = Joi.string()
  .allow('')
  .max(400)
  .custom((value: string, helpers) => (parsePorts(value) ? value : helpers.error('sites.ports')))
  .messages({
    'sites.ports': `{{#label}} is not a list of ports; write ports and ranges from ${lowestPort} to 65535, such as 3000-3999, 8000`,
  })
  .default('')

export const siteSettings: SettingsDefinition<SiteSettings> = defineSettings(object<SiteSettings>({ proxyPorts }), {
  version: 1,
})
