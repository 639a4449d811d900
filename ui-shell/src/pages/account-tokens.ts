import { api, type Column, formatDate, may, NusaElement, PagedList, toast } from '@nusantara/sdk/ui'
import { html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './people/ask.js'
import type { Question } from './people/ask.js'
import { permissionText, t } from './people/texts.js'

/** An entry of `GET /api/v1/tokens`. */
interface TokenEntry {
  readonly id: string
  readonly name: string
  readonly permissions: readonly string[]
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
}

/** One's own API tokens, and their end. */
@customElement('nusa-account-tokens')
export class AccountTokens extends NusaElement {
  @state() private question: Question | undefined
  readonly #tokens = new PagedList<TokenEntry>(this, { path: '/tokens', whole: true, key: token => token.id })

  override render(): TemplateResult {
    const { items, error, load } = this.#tokens
    return html`<div class="stack">
      <div class="spread">
        <p class="muted">${t('tokens.lead')}</p>
        ${may('tokens:write') && items?.length ? this.#create() : nothing}
      </div>
      ${
        error
          ? html`<nusa-failure .error=${error} .retry=${load}></nusa-failure>`
          : html`<nusa-table
            label=${t('tokens.heading')}
            .rows=${items}
            .columns=${this.#columns()}
            .rowKey=${(token: TokenEntry) => token.id}
          >
            <nusa-empty slot="empty" icon="key" heading=${t('tokens.empty')} text=${t('tokens.empty.text')}>
              ${may('tokens:write') ? this.#create() : nothing}
            </nusa-empty>
          </nusa-table>`
      }
      <nusa-ask
        .question=${this.question}
        @nusa-close=${() => {
          this.question = undefined
        }}
      ></nusa-ask>
    </div>`
  }

  #create(): TemplateResult {
    return html`<nusa-button variant="primary" icon="plus" href="/account/tokens/new">${t('tokens.create')}</nusa-button>`
  }

  #columns(): readonly Column<TokenEntry>[] {
    return [
      {
        id: 'name',
        label: t('tokens.name'),
        kind: 'main',
        cell: token => html`${token.name}<span class="sub">${scope(token)}</span>`,
      },
      {
        id: 'expires',
        label: t('tokens.expires'),
        cell: expiry,
      },
      {
        id: 'used',
        label: t('tokens.used'),
        cell: token =>
          token.lastUsedAt
            ? html`<nusa-time value=${token.lastUsedAt}></nusa-time>`
            : html`<span class="muted">${t('tokens.used.never')}</span>`,
      },
      ...(may('tokens:write') ? [this.#revokeColumn()] : []),
    ]
  }

  #revokeColumn(): Column<TokenEntry> {
    return {
      id: 'revoke',
      label: t('tokens.revoke'),
      kind: 'end',
      hideLabel: true,
      cell: token => html`<nusa-button
        small
        label=${t('tokens.revoke.label', { name: token.name })}
        @click=${() => this.#askToRevoke(token)}
        >${t('tokens.revoke')}</nusa-button
      >`,
    }
  }

  #askToRevoke({ id, name }: TokenEntry): void {
    this.question = {
      heading: t('tokens.revoke.heading', { name }),
      text: t('tokens.revoke.text'),
      action: t('tokens.revoke'),
      danger: true,
      run: async () => {
        await api.delete(`/tokens/${id}`)
        toast(t('tokens.revoked', { name }), { tone: 'success' })
        await this.#tokens.load()
      },
    }
  }
}

function scope({ permissions }: TokenEntry): string {
  if (permissions.includes('*')) return t('tokens.scope.all')
  const [first = ''] = permissions
  return t('tokens.scope', { first: permissionText(first), count: permissions.length - 1 })
}

function expiry({ expiresAt }: TokenEntry): TemplateResult {
  if (!expiresAt) return html`<span class="muted">${t('tokens.expires.never')}</span>`
  const at = new Date(expiresAt)
  if (at.getTime() <= Date.now())
    return html`<nusa-badge tone="danger" icon="clock">${t('tokens.expired')}</nusa-badge>`
  return html`<span title=${formatDate(at)}>${formatDate(at, 'date')}</span>`
}
