import { api, type Column, type FormValues, Loaded, NusaElement } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import type { Authority } from '../../api.js'
import { t } from '../texts.js'
import type { Items } from '../wire.js'
import './ask-removal.js'
import { slugOf } from './slug.js'

/** Who can be asked for certificates; adding one by its directory, removing one that nobody uses. */
@customElement('nusa-ssl-authorities')
export class AuthorityList extends NusaElement {
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
    `,
  ]
  @state() private adding = false
  @state() private suggested = ''
  @state() private removing: Authority | undefined
  readonly #list = new Loaded<Items<Authority>>(this, '/ssl/authorities')

  #add = async (values: FormValues): Promise<void> => {
    const { eabSecret, ...body } = values
    await api.post('/ssl/authorities', { ...body, ...(eabSecret ? { eabSecret } : {}) })
    this.#close()
    await this.#list.ask()
  }

  #close = (): void => {
    this.adding = false
    this.suggested = ''
  }

  override render(): TemplateResult {
    const { found, error } = this.#list
    if (error && !found) return html`<nusa-failure .error=${error} .retry=${this.#list.ask}></nusa-failure>`
    return html`<div class="spread head">
        <p class="muted">${t('ui.authorities.lead')}</p>
        <nusa-button
          icon="plus"
          @click=${() => {
            this.adding = true
          }}
          >${t('ui.authorities.add')}</nusa-button
        >
      </div>
      <nusa-table
        label=${t('ui.tab.authorities')}
        .rows=${found?.items}
        .columns=${this.#columns()}
        .rowKey=${({ id }: Authority) => id}
      ></nusa-table>
      ${this.#dialog()}
      <nusa-ssl-ask-removal
        name=${this.removing?.name ?? ''}
        text=${t('ui.authorities.remove.text')}
        .run=${async () => {
          await api.delete(`/ssl/authorities/${this.removing?.id}`)
          await this.#list.ask()
        }}
        @nusa-close=${() => {
          this.removing = undefined
        }}
      ></nusa-ssl-ask-removal>`
  }

  #columns(): readonly Column<Authority>[] {
    return [
      {
        id: 'name',
        label: t('ui.field.name'),
        kind: 'main',
        cell: ({ id, name }) => html`${name}<span class="sub mono">${id}</span>`,
      },
      {
        id: 'directory',
        label: t('ui.authorities.directory'),
        cell: ({ directoryUrl }) => html`<span class="mono small">${directoryUrl}</span>`,
      },
      {
        id: 'marks',
        label: t('ui.fact.state'),
        cell: each => html`<span class="row">
          ${each.default ? html`<nusa-badge tone="success" icon="check">${t('ui.authorities.default')}</nusa-badge>` : nothing}
          ${each.accountUrl ? html`<nusa-badge icon="user">${t('ui.authorities.account')}</nusa-badge>` : nothing}
          ${each.caPem ? html`<nusa-badge icon="shield">${t('ui.authorities.root')}</nusa-badge>` : nothing}
          ${each.builtIn ? html`<nusa-badge icon="puzzle">${t('ui.authorities.built-in')}</nusa-badge>` : nothing}
          ${each.builtIn || each.default || each.accountUrl || each.caPem ? nothing : '–'}
        </span>`,
      },
      {
        id: 'remove',
        label: t('ui.remove'),
        hideLabel: true,
        kind: 'end',
        cell: each =>
          each.builtIn
            ? nothing
            : html`<nusa-button
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

  #named = ({ detail }: CustomEvent<{ name: string; value?: string }>): void => {
    if (detail.name === 'name') this.suggested = slugOf(detail.value ?? '')
  }

  #dialog(): TemplateResult {
    return html`<nusa-dialog ?open=${this.adding} heading=${t('ui.authorities.add')} @nusa-close=${this.#close}>
      ${
        this.adding
          ? html`<nusa-form label=${t('ui.authorities.add')} .handle=${this.#add} @nusa-change=${this.#named}>
            <nusa-text-field name="name" label=${t('ui.field.name')} maxlength="100" required autofocus></nusa-text-field>
            <nusa-text-field
              name="id"
              label=${t('ui.field.id')}
              hint=${t('ui.field.id.hint')}
              maxlength="40"
              value=${this.suggested}
              mono
              required
            ></nusa-text-field>
            <nusa-text-field
              name="directoryUrl"
              type="url"
              label=${t('ui.authorities.directory')}
              hint=${t('ui.authorities.directory.hint')}
              placeholder="https://acme.example.test/directory"
              required
            ></nusa-text-field>
            <nusa-text-field
              name="caPem"
              label=${t('ui.field.ca')}
              hint=${t('ui.field.ca.hint')}
              rows="4"
              mono
              optional
            ></nusa-text-field>
            <nusa-text-field name="eabKeyId" label=${t('ui.authorities.eab')} hint=${t('ui.authorities.eab.hint')} optional></nusa-text-field>
            <nusa-text-field
              name="eabSecret"
              type="password"
              autocomplete="off"
              label=${t('ui.authorities.eab.key')}
              hint=${t('ui.field.secret.hint')}
              optional
            ></nusa-text-field>
            <div class="row">
              <nusa-button variant="primary" type="submit">${t('ui.add')}</nusa-button>
              <nusa-button @click=${this.#close}>${t('action.cancel')}</nusa-button>
            </div>
          </nusa-form>`
          : nothing
      }
    </nusa-dialog>`
  }
}
