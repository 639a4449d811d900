import type { Option } from '@nusantara/sdk/ui'
import { html, nothing, type TemplateResult } from 'lit'
import type { Runtime, Runtimes, Site } from '../../api.js'
import { runtimeIcons, t } from '../texts.js'
import { hasFiles } from './bodies.js'

type Type = Runtime['type']

const types: readonly Type[] = ['static', 'php', 'proxy', 'redirect', 'panel']

/** What the site should serve, as cards. The panel is among them for who may publish it. */
export function runtimeCards(type: Type, runtimes: Runtimes | undefined): TemplateResult {
  const php = runtimes?.php ?? []
  const offered = types.filter(value => value !== 'panel' || value === type || runtimes?.panel)
  const options = offered.map(
    (value): Option => ({
      value,
      label: t(`ui.runtime.${value}`),
      description: t(value === 'php' && !php.length ? 'ui.runtime.php.missing' : `ui.runtime.${value}.text`),
      icon: runtimeIcons[value],
      disabled: value === 'php' && !php.length,
    }),
  )
  return html`<nusa-radio-cards
    name="runtime.type"
    label=${t('ui.field.runtime')}
    .value=${type}
    .options=${options}
  ></nusa-radio-cards>`
}

/** What the chosen runtime needs to know; `now` is what the site runs, when it runs something. */
export function runtimeFields(
  type: Type,
  runtimes: Runtimes | undefined,
  now?: Runtime,
): TemplateResult | typeof nothing {
  switch (type) {
    case 'php':
      return versionField(runtimes, now?.type === 'php' ? now.version : undefined)
    case 'proxy':
      return proxyFields(runtimes, now?.type === 'proxy' ? now : undefined)
    case 'redirect':
      return redirectFields(runtimes, now?.type === 'redirect' ? now : undefined)
    default:
      return nothing
  }
}

function versionField(runtimes: Runtimes | undefined, now: string | undefined): TemplateResult {
  const installed = runtimes?.php ?? []
  // A version that was taken off the server still shows as what it is.
  const versions = now && !installed.includes(now) ? [now, ...installed] : installed
  return html`<nusa-select
    name="runtime.version"
    label=${t('ui.field.php')}
    .value=${now ?? versions[0] ?? ''}
    .options=${versions.map(value => ({ value, label: `PHP ${value}` }))}
  ></nusa-select>`
}

function proxyFields(runtimes: Runtimes | undefined, now?: Extract<Runtime, { type: 'proxy' }>): TemplateResult {
  const { anyTarget = true, ports = '' } = runtimes?.proxy ?? {}
  return html`<nusa-text-field
      name="runtime.target"
      label=${t('ui.field.upstream')}
      hint=${anyTarget ? t('ui.field.upstream.hint') : t('ui.field.upstream.owner', { ports: ports || 'none' })}
      placeholder="http://127.0.0.1:3000"
      value=${now?.target ?? ''}
      mono
      required
    ></nusa-text-field>
    <nusa-text-field
      class="short"
      name="runtime.timeout"
      type="number"
      label=${t('ui.field.timeout')}
      hint=${t('ui.field.timeout.hint')}
      value=${now?.timeout ?? 60}
      mono
    ></nusa-text-field>`
}

function redirectFields(runtimes: Runtimes | undefined, now?: Extract<Runtime, { type: 'redirect' }>): TemplateResult {
  return html`<nusa-text-field
      name="runtime.target"
      label=${t('ui.field.redirect')}
      placeholder="https://www.example.com/"
      value=${now?.target ?? ''}
      mono
      required
    ></nusa-text-field>
    <nusa-select
      class="short"
      name="runtime.status"
      label=${t('ui.field.status')}
      .value=${String(now?.status ?? 301)}
      .options=${(runtimes?.redirectStatuses ?? []).map(status => ({
        value: String(status),
        label: t('ui.status', { status: String(status) }),
      }))}
    ></nusa-select>
    <nusa-checkbox
      name="runtime.keepPath"
      label=${t('ui.field.keep-path')}
      ?checked=${now?.keepPath ?? true}
    ></nusa-checkbox>`
}

/** Where its files are and how large a request may be, as far as the runtime has any. */
export function servingFields(type: Type, runtimes: Runtimes | undefined, site?: Site): TemplateResult {
  const defaults = runtimes?.defaults
  // Whoever never chose index files gets those of the new runtime with it.
  const kept = site?.runtime.type === type ? site.index.join(', ') : ''
  return html`${
    hasFiles(type)
      ? html`<div class="pair">
          <nusa-text-field
            name="documentRoot"
            label=${t('ui.field.root')}
            hint=${t('ui.field.root.hint')}
            value=${site?.documentRoot ?? defaults?.documentRoot ?? ''}
            mono
          ></nusa-text-field>
          <nusa-text-field
            name="index"
            label=${t('ui.field.index')}
            hint=${t('ui.field.index.hint')}
            placeholder=${t(`ui.field.index.${type}`)}
            value=${kept}
            mono
          ></nusa-text-field>
        </div>`
      : nothing
  }
  ${
    type === 'redirect'
      ? nothing
      : html`<nusa-text-field
          class="short"
          name="uploadLimit"
          label=${t('ui.field.upload')}
          hint=${t('ui.field.upload.hint')}
          value=${site?.uploadLimit ?? defaults?.uploadLimit ?? ''}
          mono
        ></nusa-text-field>`
  }`
}
