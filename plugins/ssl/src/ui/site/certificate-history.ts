import { api, type Column, Latest, NusaElement, StateBadge } from '@nusantara/sdk/ui'
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { Certificate, SiteCertificate } from '../../api.js'
import { dateWords, fingerprintWords, issuerWords, t } from '../texts.js'
import type { Items } from '../wire.js'

type Look = 'served' | 'former' | 'pending' | 'revoked'

/** What has become of a certificate. */
@customElement('nusa-ssl-past-badge')
export class PastBadge extends StateBadge<Look> {
  protected override readonly looks = {
    served: { tone: 'success', icon: 'lock' },
    former: { tone: 'neutral', icon: 'history' },
    pending: { tone: 'info', icon: 'progress' },
    revoked: { tone: 'danger', icon: 'x-circle' },
  } as const

  protected override word(look: Look): string {
    return t(`ui.past.${look}`)
  }
}

/** Certificates of a site, newest first; nothing while there were none. */
@customElement('nusa-ssl-history')
export class CertificateHistory extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      h2 {
        margin: 8px 0 10px;
        font-size: var(--nusa-text-md);
      }
    `,
  ]
  @property({ attribute: false }) standing!: SiteCertificate
  @state() private items: readonly Certificate[] = []
  readonly #latest = new Latest()

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('standing')) void this.#load()
  }

  async #load(): Promise<void> {
    const current = this.#latest.begin()
    try {
      const { items } = await api.get<Items<Certificate>>(`/ssl/sites/${this.standing.siteId}/certificates`)
      if (current()) this.items = items
    } catch (error) {
      // It is an aid; how the site stands is told above.
      console.warn('the history is not known', error)
    }
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.items.length) return nothing
    return html`<section aria-labelledby="history">
      <h2 id="history">${t('ui.history')}</h2>
      <nusa-table
        label=${t('ui.history')}
        .rows=${this.items}
        .columns=${this.#columns()}
        .rowKey=${({ id }: Certificate) => id}
      ></nusa-table>
    </section>`
  }

  #look({ id, state }: Certificate): Look {
    if (state !== 'valid') return state
    return id === this.standing.certificate?.id ? 'served' : 'former'
  }

  #columns(): readonly Column<Certificate>[] {
    return [
      {
        id: 'issuer',
        label: t('ui.fact.issuer'),
        kind: 'main',
        cell: each => html`${issuerWords(each)}
          ${each.fingerprint ? html`<span class="sub mono">${fingerprintWords(each.fingerprint).slice(0, 14)}…</span>` : nothing}`,
      },
      {
        id: 'state',
        label: t('ui.fact.state'),
        cell: each => html`<nusa-ssl-past-badge state=${this.#look(each)}></nusa-ssl-past-badge>`,
      },
      { id: 'names', label: t('ui.fact.names'), cell: ({ names }) => names.join(', ') || '–' },
      {
        id: 'made',
        label: t('ui.past.made'),
        cell: ({ createdAt }) => html`<nusa-time value=${createdAt}></nusa-time>`,
      },
      { id: 'until', label: t('ui.fact.until'), cell: ({ notAfter }) => (notAfter ? dateWords(notAfter) : '–') },
    ]
  }
}
