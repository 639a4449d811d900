import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'
import './icon.js'

/** A part of a page in a frame: what it is, where there is more of it, and whatever stands in it. */
@customElement('nusa-card')
export class Card extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        height: 100%;
      }
      section {
        height: 100%;
        padding: 14px 18px 16px;
        background: var(--nusa-surface);
        border: 1px solid var(--nusa-border);
        border-radius: var(--nusa-radius-lg);
        min-width: 0;
      }
      header {
        display: flex;
        align-items: center;
        gap: 9px;
        min-height: 28px;
        margin-bottom: 10px;
      }
      header > nusa-icon {
        color: var(--nusa-muted);
        font-size: 0.95rem;
      }
      h2 {
        flex: 1;
        min-width: 0;
        font-size: var(--nusa-text-md);
        overflow-wrap: anywhere;
      }
      h2 a {
        color: inherit;
      }
    `,
  ]
  @property() heading = ''
  @property() icon = ''
  @property() href = ''

  override render(): TemplateResult {
    return html`<section aria-labelledby="heading">
      <header>
        ${this.icon ? html`<nusa-icon name=${this.icon}></nusa-icon>` : nothing}
        <h2 id="heading">${this.href ? html`<a href=${this.href}>${this.heading}</a>` : this.heading}</h2>
        <slot name="actions"></slot>
      </header>
      <slot></slot>
    </section>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-card': Card
  }
}
