import { type FormValues, NusaElement, type Option, shellInfo } from '@nusantara/sdk/ui'
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { Runtime, Runtimes, Site } from '../api.js'
import { runtimeIcons, t } from './texts.js'

const types: readonly Runtime['type'][] = ['static', 'php', 'proxy', 'redirect']

/**
 * The inputs of a site, for creating and for changing one. Their names are the paths of the request's body, so that the server's
 * field errors find them.
 */
@customElement('nusa-sites-fields')
export class SiteFields extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .fields {
        display: flex;
        flex-direction: column;
        gap: var(--nusa-space-5);
      }
      .pair {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 200px), 1fr));
        gap: var(--nusa-space-4);
        align-items: start;
      }
      summary {
        width: fit-content;
        cursor: pointer;
        font-weight: 560;
        color: var(--nusa-link);
        border-radius: 4px;
      }
      details[open] > summary {
        margin-bottom: 16px;
      }
    `,
  ]
  @property({ attribute: false }) runtimes?: Runtimes
  /** The site that is changed; absent for a new one. */
  @property({ attribute: false }) site?: Site
  @state() private type: Runtime['type'] = 'static'

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('site') && this.site) this.type = this.site.runtime.type
  }

  override render(): TemplateResult {
    const { site } = this
    return html`<div class="fields">
      <nusa-text-field
        name="domain"
        label=${t('ui.field.domain')}
        hint=${site ? '' : t(shellInfo().profile === 'sandbox' ? 'ui.field.domain.sandbox' : 'ui.field.domain.hint')}
        placeholder=${shellInfo().profile === 'sandbox' ? 'hello.localhost' : 'example.com'}
        inputMode="url"
        value=${site?.unicodeDomain ?? ''}
        required
      ></nusa-text-field>
      <nusa-radio-cards
        name="runtime.type"
        label=${t('ui.field.runtime')}
        .value=${this.type}
        .options=${this.#options()}
        @nusa-change=${(event: CustomEvent<{ value: Runtime['type'] }>) => {
          this.type = event.detail.value
        }}
      ></nusa-radio-cards>
      ${this.#runtime()} ${this.#more()}
    </div>`
  }

  #options(): readonly Option[] {
    const php = this.runtimes?.php ?? []
    return types.map(value => ({
      value,
      label: t(`ui.runtime.${value}`),
      description: value === 'php' && !php.length ? t('ui.runtime.php.missing') : t(`ui.runtime.${value}.text`),
      icon: runtimeIcons[value],
      disabled: value === 'php' && !php.length,
    }))
  }

  #runtime(): TemplateResult | typeof nothing {
    const now = this.site?.runtime
    switch (this.type) {
      case 'php': {
        const versions = this.runtimes?.php ?? []
        return html`<nusa-select
          name="runtime.version"
          label=${t('ui.field.php')}
          .value=${now?.type === 'php' ? now.version : (versions[0] ?? '')}
          .options=${versions.map(value => ({ value, label: `PHP ${value}` }))}
        ></nusa-select>`
      }
      case 'proxy':
        return html`<nusa-text-field
          name="runtime.target"
          label=${t('ui.field.upstream')}
          hint=${t('ui.field.upstream.hint')}
          placeholder="http://127.0.0.1:3000"
          value=${now?.type === 'proxy' ? now.target : ''}
          mono
          required
        ></nusa-text-field>`
      case 'redirect':
        return html`<nusa-text-field
            name="runtime.target"
            label=${t('ui.field.redirect')}
            placeholder="https://www.example.com/"
            value=${now?.type === 'redirect' ? now.target : ''}
            mono
            required
          ></nusa-text-field>
          <div class="pair">
            <nusa-select
              name="runtime.status"
              label=${t('ui.field.status')}
              .value=${String(now?.type === 'redirect' ? now.status : 301)}
              .options=${(this.runtimes?.redirectStatuses ?? [301, 302, 307, 308]).map(status => ({
                value: String(status),
                label: t('ui.status', { status: String(status) }),
              }))}
            ></nusa-select>
          </div>
          <nusa-checkbox
            name="runtime.keepPath"
            label=${t('ui.field.keep-path')}
            ?checked=${now?.type === 'redirect' ? now.keepPath : true}
          ></nusa-checkbox>`
      default:
        return nothing
    }
  }

  #more(): TemplateResult {
    const { site, runtimes } = this
    const files = this.type === 'static' || this.type === 'php'
    return html`<details ?open=${site !== undefined}>
      <summary>${t('ui.more')}</summary>
      <div class="fields">
        <nusa-text-field
          name="aliases"
          label=${t('ui.field.aliases')}
          hint=${t('ui.field.aliases.hint')}
          value=${site?.aliases.join(', ') ?? ''}
          optional
        ></nusa-text-field>
        ${
          files
            ? html`<div class="pair">
              <nusa-text-field
                name="documentRoot"
                label=${t('ui.field.root')}
                hint=${t('ui.field.root.hint')}
                value=${site?.documentRoot ?? runtimes?.defaults.documentRoot ?? ''}
                mono
              ></nusa-text-field>
              <nusa-text-field
                name="index"
                label=${t('ui.field.index')}
                hint=${t('ui.field.index.hint')}
                value=${(site?.index ?? runtimes?.defaults.index ?? []).join(', ')}
                mono
              ></nusa-text-field>
            </div>`
            : nothing
        }
        ${
          this.type === 'redirect'
            ? nothing
            : html`<nusa-text-field
              name="uploadLimit"
              label=${t('ui.field.upload')}
              hint=${t('ui.field.upload.hint')}
              value=${site?.uploadLimit ?? runtimes?.defaults.uploadLimit ?? ''}
              mono
            ></nusa-text-field>`
        }
        <nusa-slot name="sites.create" .properties=${{ siteId: site?.id }}></nusa-slot>
      </div>
    </details>`
  }
}

/** The request's body from what a form holds: lists split, numbers made numbers, defaults of a new site left out. */
export function bodyOf(values: FormValues, runtimes: Runtimes | undefined, site?: Site): FormValues {
  const { aliases, index, runtime, documentRoot, uploadLimit, ...rest } = values as {
    aliases?: string
    index?: string
    runtime?: Record<string, unknown>
    documentRoot?: string
    uploadLimit?: string
  }
  const body: FormValues = { ...rest }
  const defaults = runtimes?.defaults
  if (runtime) {
    const kept = site?.runtime.type === runtime.type ? site?.runtime : undefined
    body.runtime = { ...kept, ...runtime, ...(runtime.status !== undefined && { status: Number(runtime.status) }) }
  }
  const names = list(aliases)
  if (names.length || site) body.aliases = names
  const files = list(index)
  if (files.length && (site || files.join() !== defaults?.index.join())) body.index = files
  if (documentRoot && (site || documentRoot !== defaults?.documentRoot)) body.documentRoot = documentRoot
  if (uploadLimit && (site || uploadLimit !== defaults?.uploadLimit)) body.uploadLimit = uploadLimit
  return body
}

function list(text = ''): string[] {
  return text.split(/[\s,;]+/).filter(Boolean)
}
