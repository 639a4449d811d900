import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'
import './icon.js'

/**
 * The frame of every page: where it lies, its heading, its actions. The shell takes the heading for the window's title and
 * moves the focus to it when the reader came here by a link (`nusa-heading`).
 */
@customElement('nusa-page')
export class PageFrame extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        max-width: 1120px;
        margin: 0 auto;
      }
      /* On the left, where the wide pages begin, too. */
      :host([narrow]) header,
      :host([narrow]) .content {
        max-width: 760px;
      }
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: flex-end;
        justify-content: space-between;
        gap: var(--nusa-space-3) var(--nusa-space-6);
        margin-bottom: var(--nusa-space-5);
      }
      .titles {
        min-width: 0;
        flex: 1 1 300px;
      }
      .back {
        display: inline-flex;
        align-items: center;
        gap: 5px;
        margin-bottom: 6px;
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
      }
      h1 {
        overflow-wrap: anywhere;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 10px;
      }
      h1:focus {
        outline: none;
      }
      .lead {
        margin-top: 4px;
        color: var(--nusa-muted);
        line-height: 1.5;
        max-width: 72ch;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: var(--nusa-space-2);
      }
    `,
  ]
  @property() heading = ''
  @property() lead = ''
  @property() back = ''
  @property() backLabel = ''
  @property({ type: Boolean, reflect: true }) narrow = false

  focusHeading(): void {
    this.renderRoot.querySelector('h1')?.focus({ preventScroll: true })
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('heading') && this.heading) this.emit('nusa-heading', this.heading)
  }

  override render(): TemplateResult {
    return html`<header>
        <div class="titles">
          ${this.back ? html`<a class="back" href=${this.back}><nusa-icon name="arrow-left"></nusa-icon>${this.backLabel}</a>` : nothing}
          <h1 tabindex="-1">${this.heading}<slot name="badge"></slot></h1>
          ${this.lead ? html`<p class="lead">${this.lead}</p>` : nothing}
        </div>
        <div class="actions"><slot name="actions"></slot></div>
      </header>
      <div class="content"><slot></slot></div>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-page': PageFrame
  }
}
