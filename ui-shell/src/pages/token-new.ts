import { api, type FormValues, formatDate, NusaElement, type Page, shellInfo } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './people/checklist.js'
import type { PermissionEntry } from './people/entries.js'
import { formStyles } from './people/form-styles.js'
import { permissionGroups } from './people/permissions-field.js'
import { t } from './people/texts.js'

const dayMs = 86_400_000
const lifetimes = ['7', '30', '90', '365', 'never'] as const
type Scope = 'chosen' | 'all'

/** A new API token: what it is for, what it may, how long; then the token itself, this once, and how it is used. */
@customElement('nusa-token-new-page')
export class TokenNewPage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    formStyles,
    css`
      pre {
        margin: 0;
        padding: 12px 14px;
        border-radius: var(--nusa-radius);
        background: var(--nusa-sunken);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .stack > h2,
      .panel.stack > h2 + .muted {
        margin: 0;
      }
      .stack > h2 {
        margin-top: 8px;
      }
      .kept {
        display: flex;
        align-items: flex-start;
        gap: 8px;
      }
      .kept pre {
        flex: 1;
        min-width: 0;
      }
    `,
  ]
  @state() private permissions: readonly PermissionEntry[] | undefined
  @state() private error: unknown
  @state() private scope: Scope = 'chosen'
  @state() private days: string = '90'
  @state() private token = ''

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  #load = async (): Promise<void> => {
    try {
      this.permissions = (await api.get<Page<PermissionEntry>>('/auth/permissions')).items
      this.error = undefined
    } catch (error) {
      this.error = error
    }
  }

  get #expiresAt(): Date | null {
    return this.days === 'never' ? null : new Date(Date.now() + Number(this.days) * dayMs)
  }

  #create = async ({ name, permissions }: FormValues): Promise<void> => {
    const { token } = await api.post<{ token: string }>('/tokens', {
      name,
      permissions: this.scope === 'all' ? ['*'] : permissions,
      expiresAt: this.#expiresAt?.toISOString() ?? null,
    })
    this.token = token
  }

  override render(): TemplateResult {
    return html`<nusa-page
      narrow
      heading=${t('tokens.new.heading')}
      lead=${this.token ? '' : t('tokens.new.lead')}
      back="/account#tokens"
      backLabel=${t('tokens.heading')}
    >
      ${
        this.error
          ? html`<nusa-failure .error=${this.error} .retry=${this.#load}></nusa-failure>`
          : this.token
            ? this.#told(this.token)
            : this.permissions
              ? this.#form(this.permissions)
              : html`<nusa-skeleton lines="8"></nusa-skeleton>`
      }
    </nusa-page>`
  }

  #form(permissions: readonly PermissionEntry[]): TemplateResult {
    const until = this.#expiresAt
    return html`<nusa-form class="panel" .handle=${this.#create}>
      <div class="two">
        <nusa-text-field
          name="name"
          label=${t('tokens.name')}
          hint=${t('tokens.name.hint')}
          maxlength="64"
          required
        ></nusa-text-field>
        <nusa-select
          name="expiresAt"
          label=${t('tokens.lifetime')}
          hint=${until ? t('tokens.lifetime.until', { date: formatDate(until, 'date') }) : t('tokens.lifetime.never')}
          .value=${this.days}
          .options=${lifetimes.map(value => ({ value, label: value === 'never' ? t('tokens.expires.never') : t('tokens.days', { count: Number(value) }) }))}
          @nusa-change=${(event: CustomEvent<{ value?: string }>) => {
            this.days = event.detail.value ?? '90'
          }}
        ></nusa-select>
      </div>
      <nusa-radio-cards
        label=${t('tokens.may')}
        .value=${this.scope}
        .options=${(['chosen', 'all'] as const).map(value => ({ value, label: t(`tokens.may.${value}`), description: t(`tokens.may.${value}.text`) }))}
        @nusa-change=${(event: CustomEvent<{ value: Scope }>) => {
          this.scope = event.detail.value
        }}
      ></nusa-radio-cards>
      ${
        this.scope === 'chosen'
          ? html`<nusa-checklist
            name="permissions"
            label=${t('role.permissions')}
            required
            .groups=${permissionGroups(permissions)}
          ></nusa-checklist>`
          : nothing
      }
      <div class="row">
        <nusa-button variant="primary" type="submit">${t('tokens.create')}</nusa-button>
        <nusa-button variant="quiet" href="/account#tokens">${t('action.cancel')}</nusa-button>
      </div>
    </nusa-form>`
  }

  #told(token: string): TemplateResult {
    // Of its own certificate, which no program knows yet.
    const sandbox = shellInfo().profile === 'sandbox'
    const example = `curl ${sandbox ? '--insecure ' : ''}--header 'Authorization: Bearer ${token}' ${location.origin}/api/v1/auth/session`
    return html`<section class="panel stack">
      <nusa-callout tone="success" alert heading=${t('tokens.made')}>${t('tokens.made.text')}</nusa-callout>
      <div class="kept">
        <pre aria-label=${t('tokens.token')}>${token}</pre>
        <nusa-copy value=${token} label=${t('tokens.copy')}></nusa-copy>
      </div>
      <h2>${t('tokens.use')}</h2>
      <p class="muted">${t('tokens.use.text')}${sandbox ? html` ${t('tokens.use.sandbox')}` : nothing}</p>
      <div class="kept">
        <pre aria-label=${t('tokens.use')}>${example}</pre>
        <nusa-copy value=${example} label=${t('tokens.use.copy')}></nusa-copy>
      </div>
      <div class="row">
        <nusa-button variant="primary" href="/account#tokens">${t('action.done')}</nusa-button>
        <nusa-button href="/api/v1/openapi.json" target="_blank" icon="external">${t('tokens.openapi')}</nusa-button>
      </div>
    </section>`
  }
}
