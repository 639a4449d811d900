import { may, NusaElement } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import type { Certificate, SiteCertificate } from '../api.js'
import { lastFailure } from './failure.js'
import { lookOf } from './health-badge.js'
import { Standing } from './standing.js'
import { dateWords, endWords, issuerWords, t, tabOf } from './texts.js'

/** On the overview of a site: what is served over TLS, until when, for which names, and what to do next. */
@customElement('nusa-ssl-card')
export class CertificateCard extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .body {
        display: flex;
        flex-direction: column;
        gap: 14px;
        min-height: 48px;
      }
      dl {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 190px), 1fr));
        gap: 14px 28px;
      }
      dt {
        margin-bottom: 2px;
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
      }
      dd {
        overflow-wrap: anywhere;
      }
      .none {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 12px 24px;
      }
      .none p {
        flex: 1 1 260px;
        line-height: 1.5;
        max-width: 68ch;
      }
      .names {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 10px;
      }
      .names li {
        display: flex;
        gap: 5px;
        min-width: 0;
      }
      .names nusa-icon {
        margin-top: 2px;
        font-size: 0.9rem;
        color: var(--nusa-success);
      }
      .names .open nusa-icon {
        color: var(--nusa-warning);
      }
    `,
  ]
  @property({ attribute: false }) siteId = ''
  readonly #standing = new Standing(this, () => this.siteId)

  override render(): TemplateResult {
    const { found, error } = this.#standing
    return html`<nusa-card heading=${t('ssl.tab')} icon="lock">
      ${
        found
          ? html`<nusa-ssl-badge slot="actions" state=${lookOf(found)}></nusa-ssl-badge>
              ${
                found.certificate
                  ? html`<nusa-button slot="actions" small href=${tabOf(this.siteId)}>${t('ui.card.manage')}</nusa-button>`
                  : nothing
              }`
          : nothing
      }
      <div class="body">
        ${
          error
            ? html`<nusa-failure .error=${error} .retry=${this.#standing.load}></nusa-failure>`
            : found
              ? html`${this.#working()} ${lastFailure(found)}
                  ${found.certificate ? this.#served(found, found.certificate) : this.#none()}`
              : html`<nusa-skeleton lines="3"></nusa-skeleton>`
        }
      </div>
    </nusa-card>`
  }

  #working(): TemplateResult | typeof nothing {
    const { job } = this.#standing
    if (!job) return nothing
    return html`<p role="status"><nusa-badge tone="info" icon="progress" spin>${t('ui.card.working')}</nusa-badge>
      <a href=${tabOf(this.siteId)}>${t('ui.card.watch')}</a></p>`
  }

  #none(): TemplateResult {
    return html`<div class="none">
      <p class="muted">${t('ui.card.none')}</p>
      ${
        may('ssl:write')
          ? html`<nusa-button variant="primary" icon="lock" href=${tabOf(this.siteId)}>${t('ui.get')}</nusa-button>`
          : nothing
      }
    </div>`
  }

  #served({ names, secured, renewAt }: SiteCertificate, certificate: Certificate): TemplateResult {
    return html`<dl>
      <div><dt>${t('ui.fact.issuer')}</dt><dd>${issuerWords(certificate)}</dd></div>
      <div><dt>${t('ui.fact.end')}</dt><dd>${certificate.notAfter ? endWords(certificate.notAfter) : '–'}</dd></div>
      <div><dt>${t('ui.fact.renewal')}</dt><dd>${renewAt ? dateWords(renewAt) : t('ui.renewal.none')}</dd></div>
      <div>
        <dt>${t('ui.fact.names')}</dt>
        <dd>
          <ul class="names">
            ${names.map(name => {
              const covered = secured.includes(name)
              return html`<li class=${covered ? '' : 'open'}>
                <nusa-icon
                  name=${covered ? 'lock' : 'alert'}
                  label=${t(covered ? 'ui.name.covered' : 'ui.name.open')}
                ></nusa-icon>
                <span>${name}${covered ? nothing : html` <span class="muted small">${t('ui.name.open')}</span>`}</span>
              </li>`
            })}
          </ul>
        </dd>
      </div>
    </dl>`
  }
}
