import { type Column, Loaded, may, NusaElement, PagedList } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import type { Expiry, SiteCertificate } from '../../api.js'
import { failureOf } from '../failure.js'
import { lookOf } from '../health-badge.js'
import { dateWords, endWords, issuerWords, t, tabOf } from '../texts.js'
import type { Items } from '../wire.js'
import './timeline.js'

/** Every site and how it stands with TLS; above, when the certificates end. */
@customElement('nusa-ssl-list')
export class CertificateList extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      nusa-ssl-timeline {
        margin-bottom: 20px;
      }
    `,
  ]
  readonly #list = new PagedList<SiteCertificate>(this, { path: '/ssl', key: ({ siteId }) => siteId })
  readonly #expiries = new Loaded<Items<Expiry>>(this, '/ssl/expiry')

  override render(): TemplateResult {
    const expiries = this.#expiries.found?.items
    return html`${
      expiries?.length
        ? html`<nusa-ssl-timeline .sites=${expiries}></nusa-ssl-timeline>`
        : expiries && this.#list.items?.length && !this.#list.search
          ? html`<nusa-callout tone="info" heading=${t('ui.list.none')}>${t('ui.list.none.text')}</nusa-callout><br />`
          : nothing
    }
      <nusa-list label=${t('ssl.nav')} file="certificates" searchable .list=${this.#list} .columns=${this.#columns()}>
        <nusa-empty slot="empty" icon="shield" heading=${t('ui.list.empty')} text=${t('ui.list.empty.text')}>
          ${
            may('sites:write')
              ? html`<nusa-button variant="primary" icon="plus" href="/sites/new">${t('ui.list.create')}</nusa-button>`
              : nothing
          }
        </nusa-empty>
      </nusa-list>`
  }

  #columns(): readonly Column<SiteCertificate>[] {
    return [
      {
        id: 'domain',
        label: t('ui.column.site'),
        sort: 'domain',
        kind: 'main',
        text: ({ domain }) => domain,
        cell: ({ siteId, domain, names, secured, certificate }) => html`<a href=${tabOf(siteId)}>${domain}</a>
          ${certificate ? html`<span class="sub">${t('ui.column.covered', { count: secured.length, of: names.length })}</span>` : nothing}`,
      },
      {
        id: 'health',
        label: t('ui.fact.state'),
        sort: 'attention',
        text: site => t(`ui.health.${lookOf(site)}`),
        cell: site => html`<nusa-ssl-badge state=${lookOf(site)}></nusa-ssl-badge>
          ${failureOf(site) ? html`<span class="sub">${t('ui.failure')}</span>` : nothing}`,
      },
      {
        id: 'issuer',
        label: t('ui.fact.issuer'),
        sort: 'issuer',
        text: ({ certificate }) => (certificate ? issuerWords(certificate) : ''),
        cell: ({ certificate }) => (certificate ? issuerWords(certificate) : '–'),
      },
      {
        id: 'end',
        label: t('ui.fact.end'),
        sort: 'end',
        text: ({ certificate }) => certificate?.notAfter ?? '',
        cell: ({ certificate }) => (certificate?.notAfter ? endWords(certificate.notAfter) : '–'),
      },
      {
        id: 'renewal',
        label: t('ui.fact.renewal'),
        sort: 'renewal',
        text: ({ renewAt }) => renewAt ?? '',
        cell: ({ renewAt }) => (renewAt ? dateWords(renewAt) : '–'),
      },
    ]
  }
}
