import { css, html, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'
import { t } from '../core/messages.js'
import './button.js'

/**
 * How many rows of a list are selected, and in its content the buttons for what may be done with them. Stays in sight while the
 * list is scrolled. Fires `nusa-unselect`.
 */
@customElement('nusa-selection')
export class Selection extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: block;
        container-type: inline-size;
        position: sticky;
        top: 62px;
        z-index: 5;
        margin-bottom: 10px;
      }
      .bar {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        align-items: center;
        padding: 7px 12px;
        border: 1px solid var(--nusa-border);
        border-radius: var(--nusa-radius);
        background: var(--nusa-surface);
        box-shadow: var(--nusa-shadow);
        font-size: var(--nusa-text-md);
      }
      span {
        margin-right: auto;
      }
      @container (max-width: 560px) {
        span {
          flex-basis: 100%;
        }
      }
    `,
  ]
  @property({ type: Number }) count = 0

  override render(): TemplateResult {
    const told = t('list.selected', { count: this.count })
    return html`<div class="bar" role="group" aria-label=${told}>
      <span role="status">${told}</span>
      <slot></slot>
      <nusa-button
        small
        variant="quiet"
        icon="close"
        label=${t('list.unselect')}
        @click=${() => this.emit('nusa-unselect')}
      ></nusa-button>
    </div>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-selection': Selection
  }
}
