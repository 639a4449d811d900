import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'
import { t } from '../core/messages.js'
import type { PagedList } from '../core/paged-list.js'
import './button.js'

/** Below a list that has further pages: how many are shown, and the next ones. */
@customElement('nusa-more')
export class More extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      div {
        margin-top: 14px;
        text-align: center;
      }
    `,
  ]
  @property({ attribute: false, hasChanged: () => true }) list?: Pick<
    PagedList<unknown>,
    'items' | 'total' | 'more' | 'loadingMore' | 'loadMore'
  >

  override render(): TemplateResult | typeof nothing {
    const { list } = this
    if (!list?.more) return nothing
    const shown = list.items?.length ?? 0
    return html`<div>
      <nusa-button ?busy=${list.loadingMore} @click=${list.loadMore}
        >${list.total === undefined ? t('action.more') : t('list.more', { shown, total: list.total })}</nusa-button
      >
    </div>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-more': More
  }
}
