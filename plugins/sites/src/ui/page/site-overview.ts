import { NusaElement } from '@nusantara/sdk/ui'
import { css, html, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import type { PhpRuntime, Runtimes, Site } from '../../api.js'
import { hasFiles } from '../form/bodies.js'
import { runtimeWords, siteUrl, t } from '../texts.js'
import './site-history.js'

/** What a site is, at a glance, and the cards of other plugins. */
@customElement('nusa-sites-overview')
export class SiteOverview extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      dl {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 190px), 1fr));
        gap: 18px 28px;
        align-content: start;
      }
      .whole {
        grid-column: 1 / -1;
      }
      .address {
        display: flex;
        align-items: center;
        gap: 2px;
        font-weight: 560;
      }
      dt {
        margin-bottom: 2px;
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
      }
      dd {
        overflow-wrap: anywhere;
      }
      .columns {
        display: grid;
        grid-template-columns: minmax(0, 1.5fr) minmax(0, 1fr);
        gap: 16px;
        align-items: start;
      }
      @media (max-width: 1080px) {
        .columns {
          grid-template-columns: minmax(0, 1fr);
        }
      }
      nusa-slot {
        margin-top: 16px;
      }
    `,
  ]
  @property({ attribute: false }) site?: Site
  @property({ attribute: false }) runtimes?: Runtimes

  override render(): TemplateResult {
    const { site } = this
    if (!site) return html``
    const url = siteUrl(site.domain, site.runtime.type, this.runtimes?.ports)
    const { runtime, errorPages } = site
    const facts: readonly (readonly [string, unknown])[] = [
      [
        'ui.fact.address',
        html`<span class="address"
          ><a href=${url} target="_blank" rel="noopener noreferrer">${url}</a>
          <nusa-copy value=${url} label=${t('ui.fact.copy')}></nusa-copy
        ></span>`,
      ],
      ['ui.fact.aliases', site.aliases.length ? site.aliases.join(', ') : '–'],
      ['ui.fact.runtime', runtimeWords(runtime)],
      ...(runtime.type === 'php' ? ([['ui.fact.php', this.#php(runtime)]] as const) : []),
      ...(hasFiles(runtime.type)
        ? ([
            ['ui.fact.root', html`<span class="mono">${site.documentRoot}</span>`],
            ['ui.fact.index', html`<span class="mono">${site.index.join(', ')}</span>`],
          ] as const)
        : []),
      ...(runtime.type === 'redirect'
        ? []
        : ([['ui.fact.upload', html`<span class="mono">${site.uploadLimit}</span>`]] as const)),
      ...(runtime.type === 'panel' ? [] : [['ui.fact.errors', Object.keys(errorPages).join(', ') || '–'] as const]),
      ['ui.fact.tenant', html`<span class="mono">${site.tenant}</span>`],
      ['ui.fact.created', html`<nusa-time value=${site.createdAt}></nusa-time>`],
      ['ui.fact.updated', html`<nusa-time value=${site.updatedAt}></nusa-time>`],
    ]
    return html`<div class="columns">
        <dl class="panel">
          ${facts.map(([key, value], index) => html`<div class=${index ? '' : 'whole'}><dt>${t(key)}</dt><dd>${value}</dd></div>`)}
        </dl>
        <nusa-sites-history .site=${site}></nusa-sites-history>
      </div>
      <nusa-slot name="sites.cards" .properties=${{ siteId: site.id }}></nusa-slot>`
  }

  #php({ processes, settings }: PhpRuntime): string {
    return t('ui.fact.php.words', { processes, settings: Object.keys(settings).length })
  }
}
