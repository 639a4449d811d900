import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'
import type { Tone } from '../core/toast.js'
import './icon.js'

/** A word about a thing's kind or state. A state is never told by colour alone: give it an icon or words. */
@customElement('nusa-badge')
export class Badge extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: inline-flex;
        align-items: center;
        gap: 5px;
        padding: 1px 8px;
        border-radius: 99px;
        background: var(--nusa-hover);
        color: var(--nusa-text);
        font-size: var(--nusa-text-xs);
        font-weight: 560;
        line-height: 1.6;
        white-space: nowrap;
        vertical-align: middle;
      }
      nusa-icon {
        font-size: 0.72rem;
        margin-left: -2px;
      }
      :host([tone='success']) {
        background: var(--nusa-success-soft);
        color: var(--nusa-success);
      }
      :host([tone='warning']) {
        background: var(--nusa-warning-soft);
        color: var(--nusa-warning);
      }
      :host([tone='danger']) {
        background: var(--nusa-danger-soft);
        color: var(--nusa-danger);
      }
      :host([tone='info']) {
        background: var(--nusa-info-soft);
        color: var(--nusa-info);
      }
      .spin {
        animation: spin 1s linear infinite;
      }
      @keyframes spin {
        to {
          transform: rotate(360deg);
        }
      }
    `,
  ]
  @property({ reflect: true }) tone: Tone = 'neutral'
  @property() icon = ''
  @property({ type: Boolean }) spin = false

  override render(): TemplateResult {
    return html`${this.icon ? html`<nusa-icon class=${this.spin ? 'spin' : ''} name=${this.icon}></nusa-icon>` : nothing}<slot></slot>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-badge': Badge
  }
}
