import type { FormValues } from '@nusantara/sdk/ui'
import { html, type TemplateResult } from 'lit'
import { t } from '../texts.js'
import type { ProviderType } from '../wire.js'

const algorithms = ['hmac-sha256', 'hmac-sha384', 'hmac-sha512']

/** What each kind of DNS provider is configured with, as fields below `config`. Secrets are empty: they are never sent back. */
export function providerFields(type: ProviderType, config: Readonly<Record<string, unknown>>): TemplateResult {
  const servers = Array.isArray(config.nameservers) ? config.nameservers.join(', ') : ''
  return html`${fieldsOf(type, config)}
    <nusa-text-field
      name="config.nameservers"
      label=${t('ui.providers.nameservers')}
      hint=${t('ui.providers.nameservers.hint')}
      value=${servers}
      mono
      optional
    ></nusa-text-field>`
}

function fieldsOf(type: ProviderType, config: Readonly<Record<string, unknown>>): TemplateResult {
  const saved = (key: string) => String(config[key] ?? '')
  switch (type) {
    case 'rfc2136':
      return rfc2136Fields(saved, (config.tsig ?? {}) as Record<string, string>)
    case 'cloudflare':
      return html`${secretField('config.token', t('ui.providers.token'), t('ui.providers.token.hint'), true)}
        <nusa-text-field
          name="config.zoneId"
          label=${t('ui.providers.zone-id')}
          hint=${t('ui.providers.zone-id.hint')}
          value=${saved('zoneId')}
          mono
          optional
        ></nusa-text-field>`
    case 'webhook':
      return html`<nusa-text-field
          name="config.url"
          type="url"
          label=${t('ui.providers.url')}
          hint=${t('ui.providers.url.hint')}
          value=${saved('url')}
          required
        ></nusa-text-field>
        ${secretField('config.secret', t('ui.providers.secret'), t('ui.providers.secret.hint'))}
        <nusa-text-field
          name="config.caPem"
          label=${t('ui.field.ca')}
          hint=${t('ui.field.ca.hint')}
          value=${saved('caPem')}
          rows="4"
          mono
          optional
        ></nusa-text-field>`
  }
}

function rfc2136Fields(saved: (key: string) => string, tsig: Readonly<Record<string, string>>): TemplateResult {
  return html`<div class="pair">
      <nusa-text-field
      name="config.server"
      label=${t('ui.providers.server')}
      hint=${t('ui.providers.server.hint')}
      placeholder="ns.example.test:53"
      value=${saved('server')}
      mono
      required
    ></nusa-text-field>
    <nusa-text-field
      name="config.zone"
      label=${t('ui.providers.zone')}
      hint=${t('ui.providers.zone.hint')}
      value=${saved('zone')}
      mono
      optional
    ></nusa-text-field>
    </div>
    <div class="pair">
      <nusa-text-field
      name="config.tsig.name"
      label=${t('ui.providers.key')}
      hint=${t('ui.providers.key.hint')}
      value=${tsig.name ?? ''}
      mono
      optional
    ></nusa-text-field>
    <nusa-select
      name="config.tsig.algorithm"
      label=${t('ui.providers.algorithm')}
      value=${tsig.algorithm ?? 'hmac-sha256'}
      .options=${algorithms.map(value => ({ value, label: value.toUpperCase() }))}
    ></nusa-select>
    </div>
    ${secretField('config.tsig.secret', t('ui.providers.key.secret'), t('ui.field.secret.hint'))}`
}

function secretField(name: string, label: string, hint: string, required = false): TemplateResult {
  return html`<nusa-text-field
    name=${name}
    type="password"
    autocomplete="off"
    label=${label}
    hint=${hint}
    ?required=${required}
    ?optional=${!required}
  ></nusa-text-field>`
}

/** What is left empty is not sent; a key of which nothing but the algorithm is known is none. */
export function providerBody({ id, name, config }: FormValues, type: ProviderType): FormValues {
  const { tsig, nameservers, ...rest } = (config ?? {}) as Record<string, unknown>
  const servers = String(nameservers ?? '')
    .split(/[\s,]+/)
    .filter(Boolean)
  const key = filled((tsig ?? {}) as Record<string, unknown>)
  return {
    id,
    name,
    config: {
      type,
      ...filled(rest),
      ...(servers.length ? { nameservers: servers } : {}),
      ...(key.name || key.secret ? { tsig: key } : {}),
    },
  }
}

function filled(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '' && value !== undefined))
}
