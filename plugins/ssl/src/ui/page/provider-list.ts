import { api, type Column, type FormValues, Loaded, NusaElement } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import { t } from '../texts.js'
import type { Items, Provider, ProviderType } from '../wire.js'
import './ask-removal.js'
import { providerBody, providerFields } from './provider-fields.js'
import { slugOf } from './slug.js'

const types = ['rfc2136', 'cloudflare', 'webhook'] as const
const icons: Readonly<Record<ProviderType, string>> = { rfc2136: 'server', cloudflare: 'globe', webhook: 'code' }

/** Who can change the DNS of domains, and so prove them. Secrets are written here and never read. */
@customElement('nusa-ssl-providers')
export class ProviderList extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .head {
        margin-bottom: 14px;
      }
      .head p {
        flex: 1 1 300px;
        max-width: 72ch;
        line-height: 1.5;
      }
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
    `,
  ]
  /** What is being added, or replaced by one of the same id. */
  @state() private editing: Partial<Provider> | undefined
  @state() private type: ProviderType = 'rfc2136'
  @state() private suggested = ''
  @state() private removing: Provider | undefined
  readonly #list = new Loaded<Items<Provider>>(this, '/ssl/providers')

  #edit(provider: Partial<Provider>): void {
    this.editing = provider
    this.type = provider.type ?? 'rfc2136'
    this.suggested = ''
  }

  #save = async (values: FormValues): Promise<void> => {
    await api.put('/ssl/providers', providerBody({ id: this.editing?.id, ...values }, this.type))
    this.#close()
    await this.#list.ask()
  }

  #close = (): void => {
    this.editing = undefined
  }

  override render(): TemplateResult {
    const { found, error } = this.#list
    if (error && !found) return html`<nusa-failure .error=${error} .retry=${this.#list.ask}></nusa-failure>`
    return html`<div class="spread head">
        <p class="muted">${t('ui.providers.lead')}</p>
        <nusa-button icon="plus" @click=${() => this.#edit({})}>${t('ui.providers.add')}</nusa-button>
      </div>
      <nusa-table
        label=${t('ui.tab.providers')}
        .rows=${found?.items}
        .columns=${this.#columns()}
        .rowKey=${({ id }: Provider) => id}
      >
        <nusa-empty slot="empty" icon="list" heading=${t('ui.providers.empty')} text=${t('ui.providers.empty.text')}>
          <nusa-button variant="primary" icon="plus" @click=${() => this.#edit({})}>${t('ui.providers.add')}</nusa-button>
        </nusa-empty>
      </nusa-table>
      ${this.#dialog()}
      <nusa-ssl-ask-removal
        name=${this.removing?.name ?? ''}
        text=${t('ui.providers.remove.text')}
        .run=${async () => {
          await api.delete(`/ssl/providers/${this.removing?.id}`)
          await this.#list.ask()
        }}
        @nusa-close=${() => {
          this.removing = undefined
        }}
      ></nusa-ssl-ask-removal>`
  }

  #columns(): readonly Column<Provider>[] {
    return [
      {
        id: 'name',
        label: t('ui.field.name'),
        kind: 'main',
        cell: ({ id, name }) => html`${name}<span class="sub mono">${id}</span>`,
      },
      { id: 'type', label: t('ui.providers.type'), cell: ({ type }) => t(`ui.providers.${type}`) },
      {
        id: 'where',
        label: t('ui.providers.where'),
        cell: ({ config }) => html`<span class="mono small">${whereOf(config)}</span>`,
      },
      {
        id: 'actions',
        label: t('ui.actions'),
        hideLabel: true,
        kind: 'end',
        cell: each => html`<nusa-button
            small
            variant="quiet"
            icon="edit"
            label=${t('ui.providers.replace.label', { name: each.name })}
            @click=${() => this.#edit(each)}
            >${t('ui.providers.replace')}</nusa-button
          >
          <nusa-button
            small
            variant="quiet"
            icon="trash"
            label=${t('ui.remove.label', { name: each.name })}
            @click=${() => {
              this.removing = each
            }}
            >${t('ui.remove')}</nusa-button
          >`,
      },
    ]
  }

  #changed = ({ detail }: CustomEvent<{ name: string; value?: string }>): void => {
    if (detail.name === 'type') this.type = detail.value as ProviderType
    if (detail.name === 'name' && !this.editing?.id) this.suggested = slugOf(detail.value ?? '')
  }

  #dialog(): TemplateResult {
    const { editing } = this
    const heading = editing?.id ? t('ui.providers.replace.label', { name: editing.name }) : t('ui.providers.add')
    return html`<nusa-dialog wide ?open=${editing !== undefined} heading=${heading} @nusa-close=${this.#close}>
      ${
        editing
          ? html`<nusa-form label=${heading} .handle=${this.#save} @nusa-change=${this.#changed}>
            <nusa-radio-cards
              name="type"
              label=${t('ui.providers.type')}
              value=${this.type}
              .options=${types.map(type => ({
                value: type,
                icon: icons[type],
                label: t(`ui.providers.${type}`),
                description: t(`ui.providers.${type}.text`),
              }))}
            ></nusa-radio-cards>
<div class="pair">            <nusa-text-field name="name" label=${t('ui.field.name')} maxlength="100" value=${editing.name ?? ''} required></nusa-text-field>
            ${
              editing.id
                ? nothing
                : html`<nusa-text-field
                  name="id"
                  label=${t('ui.field.id')}
                  hint=${t('ui.field.id.hint')}
                  maxlength="40"
                  value=${this.suggested}
                  mono
                  required
                ></nusa-text-field>`
            }</div>
            ${providerFields(this.type, editing.type === this.type ? (editing.config ?? {}) : {})}
            <div class="row">
              <nusa-button variant="primary" type="submit">${t(editing.id ? 'ui.save' : 'ui.add')}</nusa-button>
              <nusa-button @click=${this.#close}>${t('action.cancel')}</nusa-button>
            </div>
          </nusa-form>`
          : nothing
      }
    </nusa-dialog>`
  }
}

/** Where it is asked, without what is secret. */
function whereOf(config: Provider['config']): string {
  return String(config.server ?? config.url ?? config.zoneId ?? '–')
}
