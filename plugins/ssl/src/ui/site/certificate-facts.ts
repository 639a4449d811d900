import { api, Latest, NusaElement } from '@nusantara/sdk/ui'
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { SiteCertificate } from '../../api.js'
import { lookOf } from '../health-badge.js'
import { dateWords, endWords, fingerprintWords, issuerWords, keyWords, t } from '../texts.js'
import type { Chain, ChainFacts } from '../wire.js'

/** What the certificate says that is served, and each of its chain. */
@customElement('nusa-ssl-facts')
export class CertificateFactsView extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      dl {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 200px), 1fr));
        gap: 16px 28px;
      }
      @media (max-width: 560px) {
        dl {
          grid-template-columns: repeat(2, minmax(0, 1fr));
          gap: 14px 16px;
        }
        .state {
          grid-column: 1 / -1;
        }
      }
      .wide {
        grid-column: 1 / -1;
      }
      dt {
        margin-bottom: 2px;
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
      }
      dd {
        overflow-wrap: anywhere;
        line-height: 1.5;
      }
      .print {
        display: flex;
        align-items: flex-start;
        gap: 4px;
      }
      .print .mono {
        min-width: 0;
      }
      .names li {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 2px 6px;
      }
      .names nusa-icon {
        align-self: center;
        color: var(--nusa-success);
        font-size: 0.9rem;
      }
      .names .uncovered nusa-icon {
        color: var(--nusa-warning);
      }
      nusa-callout {
        margin-bottom: 16px;
      }
      details {
        margin-top: 18px;
      }
      summary {
        width: fit-content;
        cursor: pointer;
        font-weight: 560;
        color: var(--nusa-link);
        border-radius: 4px;
      }
      ol {
        display: flex;
        flex-direction: column;
        gap: 12px;
        margin-top: 14px;
      }
      ol li {
        padding: 14px 16px;
        border: 1px solid var(--nusa-border);
        border-radius: var(--nusa-radius);
        background: var(--nusa-sunken);
      }
      ol h3 {
        margin-bottom: 12px;
        overflow-wrap: anywhere;
      }
    `,
  ]
  @property({ attribute: false }) standing!: SiteCertificate
  @state() private chain: Chain | undefined
  readonly #latest = new Latest()

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('standing')
    if (changed.has('standing') && before?.certificate?.id !== this.standing.certificate?.id) void this.#load()
  }

  async #load(): Promise<void> {
    const current = this.#latest.begin()
    this.chain = undefined
    try {
      const chain = await api.get<Chain>(`/ssl/sites/${this.standing.siteId}/chain`)
      if (current()) this.chain = chain
    } catch (error) {
      // The certificate itself is told without.
      console.warn('the chain is not known', error)
    }
  }

  override render(): TemplateResult | typeof nothing {
    const { certificate, names, secured, renewAt, renewalReason } = this.standing
    if (!certificate) return nothing
    const left = names.filter(name => !secured.includes(name))
    const { notBefore, notAfter, fingerprint, keyType, exportable } = certificate
    const leaf = this.chain?.facts[0]
    return html`${
      left.length
        ? html`<nusa-callout tone="warning" heading=${t('ui.uncovered', { count: left.length })}>${t('ui.uncovered.text')}</nusa-callout>`
        : nothing
    }
      <dl>
        ${fact('ui.fact.state', html`<nusa-ssl-badge state=${lookOf(this.standing)}></nusa-ssl-badge>`, 'state')}
        ${fact('ui.fact.issuer', issuerWords(certificate))}
        ${fact('ui.fact.from', notBefore ? dateWords(notBefore) : '–')} ${fact('ui.fact.end', notAfter ? endWords(notAfter) : '–')}
        ${fact(
          'ui.fact.renewal',
          html`${renewAt ? html`${dateWords(renewAt)} (<nusa-time value=${renewAt}></nusa-time>)` : t('ui.renewal.none')}
          ${renewalReason ? html`<br /><a href=${renewalReason} target="_blank" rel="noopener noreferrer">${t('ui.renewal.why')}</a>` : nothing}`,
        )}
        ${fact('ui.fact.key', html`${keyWords(keyType)}<br /><span class="small muted">${t(exportable ? 'ui.key.exportable' : 'ui.key.kept')}</span>`)}
        ${fact(
          'ui.fact.names',
          html`<ul class="names">
            ${names.map(name => this.#name(name, secured.includes(name)))}
          </ul>`,
          'wide',
        )}
        ${
          fingerprint
            ? fact(
                'ui.fact.fingerprint',
                html`<span class="print"
                  ><span class="mono small">${fingerprintWords(fingerprint)}</span
                  ><nusa-copy value=${fingerprintWords(fingerprint)} label=${t('ui.fact.fingerprint.copy')}></nusa-copy
                ></span>`,
                'wide',
              )
            : nothing
        }
        ${
          leaf && certificate.kind !== 'self-signed'
            ? fact(
                'ui.fact.log',
                html`<a href=${leaf.crtsh} target="_blank" rel="noopener noreferrer">${t('ui.fact.log.link')}</a>`,
              )
            : nothing
        }
      </dl>
      <details>
        <summary>${t('ui.chain', { count: this.chain?.facts.length ?? 1 })}</summary>
        ${this.chain ? html`<ol>${this.chain.facts.map(facts => this.#link(facts))}</ol>` : html`<nusa-skeleton></nusa-skeleton>`}
      </details>`
  }

  #name(name: string, covered: boolean): TemplateResult {
    return html`<li class=${covered ? '' : 'uncovered'}>
      <nusa-icon name=${covered ? 'lock' : 'alert'} label=${t(covered ? 'ui.name.covered' : 'ui.name.open')}></nusa-icon>
      <span>${name}</span>${covered ? nothing : html` <span class="muted small">${t('ui.name.open')}</span>`}
    </li>`
  }

  #link({
    subject,
    issuer,
    notBefore,
    notAfter,
    keyType,
    signature,
    serial,
    fingerprint256,
    names,
  }: ChainFacts): TemplateResult {
    return html`<li>
      <h3>${subject || names[0] || '–'}</h3>
      <dl>
        ${fact('ui.fact.issuer', issuer || (subject === issuer ? t('ui.issuer.self') : '–'))} ${fact('ui.fact.from', dateWords(notBefore))} ${fact('ui.fact.until', dateWords(notAfter))}
        ${fact('ui.fact.key', keyWords(keyType))} ${fact('ui.fact.signature', signature)}
        ${fact('ui.fact.serial', html`<span class="mono small">${serial}</span>`)}
        ${fact('ui.fact.fingerprint', html`<span class="mono small">${fingerprintWords(fingerprint256)}</span>`, 'wide')}
      </dl>
    </li>`
  }
}

function fact(label: string, value: unknown, room = ''): TemplateResult {
  return html`<div class=${room}><dt>${t(label)}</dt><dd>${value}</dd></div>`
}
