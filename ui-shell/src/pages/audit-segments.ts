import { type Column, formatDate, formatNumber, NusaElement, PagedList, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import type { Segment } from './audit-wire.js'

/** Files that old entries were sealed into; nothing while there are none. */
@customElement('nusa-audit-segments')
export class AuditSegments extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      p {
        margin: 4px 0 14px;
        line-height: 1.5;
      }
    `,
  ]
  readonly #segments = new PagedList<Segment>(this, { path: '/audit/segments', whole: true, key: ({ file }) => file })

  override render(): TemplateResult | typeof nothing {
    const { items, error, load } = this.#segments
    if (error) return html`<nusa-failure .error=${error} .retry=${load}></nusa-failure>`
    if (!items?.length) return nothing
    return html`<section class="panel">
      <h2>${t('audit.segments')}</h2>
      <p class="muted">${t('audit.segments.text')}</p>
      <nusa-list label=${t('audit.segments')} file="audit-segments" .list=${this.#segments} .columns=${this.#columns()}></nusa-list>
    </section>`
  }

  #columns(): readonly Column<Segment>[] {
    return [
      {
        id: 'file',
        label: t('audit.segments.file'),
        kind: 'main',
        cell: ({ file }) => html`<span class="mono small">${file}</span>`,
        text: ({ file }) => file,
      },
      {
        id: 'first',
        label: t('audit.segments.entries'),
        cell: ({ first, last }) => `${formatNumber(first)}–${formatNumber(last)}`,
        text: ({ first }) => first,
      },
      {
        id: 'at',
        label: t('audit.segments.at'),
        kind: 'end',
        cell: ({ sealedAt }) => formatDate(new Date(sealedAt)),
        text: ({ sealedAt }) => sealedAt,
      },
    ]
  }
}
