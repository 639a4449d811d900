import { NusaElement } from '@nusantara/sdk/ui'
import { css, html, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import type { PhpRuntime, Runtimes, Site } from '../../api.js'
import { hasFiles } from '../form/bodies.js'
import { runtimeWords, siteUrl, t } from '../texts.js'

/** What a site is, at a glance, and the cards of other plugins. */
@customElement('nusa-sites-overview')
export class SiteOverview extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      dl {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 240px), 1fr));
        gap: 18px 28px;
      }
      dt {
        margin-bottom: 2px;
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
      }
      dd {
        overflow-wrap: anywhere;
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
    const url = siteUrl(site.domain, this.runtimes?.ports.http ?? 80)
    const { runtime, errorPages } = site
    const facts: readonly (readonly [string, unknown])[] = [
      [
        'ui.fact.address',
        html`<a href=${url} target="_blank" rel="noopener noreferrer">${url}</a> <nusa-copy value=${url} label=${t('ui.fact.copy')}></nusa-copy>`,
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
      ['ui.fact.errors', Object.keys(errorPages).join(', ') || '–'],
      ['ui.fact.tenant', html`<span class="mono">${site.tenant}</span>`],
      ['ui.fact.created', html`<nusa-time value=${site.createdAt}></nusa-time>`],
      ['ui.fact.updated', html`<nusa-time value=${site.updatedAt}></nusa-time>`],
    ]
    return html`<dl class="panel">
        ${facts.map(([key, value]) => html`<div><dt>${t(key)}</dt><dd>${value}</dd></div>`)}
      </dl>
      <nusa-slot name="sites.cards" .properties=${{ siteId: site.id }}></nusa-slot>`
  }

  #php({ processes, settings }: PhpRuntime): string {
    return t('ui.fact.php.words', { processes, settings: Object.keys(settings).length })
  }
}
