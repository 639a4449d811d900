import { css, html, svg, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'

/** How full something is, in words and as a bar, which is amber from three quarters and red from nine tenths on. */
@customElement('nusa-meter')
export class Meter extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .words {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 0 12px;
        margin-bottom: 5px;
        font-size: var(--nusa-text-sm);
      }
      .words span:last-child {
        color: var(--nusa-muted);
        font-variant-numeric: tabular-nums;
      }
      svg {
        display: block;
        width: 100%;
        height: 6px;
        border-radius: 3px;
        background: var(--nusa-hover);
      }
      rect {
        fill: var(--nusa-accent);
        transition: width 300ms ease;
      }
      .high {
        fill: var(--nusa-warning);
      }
      .full {
        fill: var(--nusa-danger);
      }
    `,
  ]
  @property() label = ''
  /** What the share means, `3.1 of 4 GiB`. */
  @property() text = ''
  /** 0 to 1. */
  @property({ type: Number }) share = 0

  override render(): TemplateResult {
    const percent = Math.round(Math.min(1, Math.max(0, this.share)) * 100)
    const level = percent >= 90 ? 'full' : percent >= 75 ? 'high' : ''
    return html`<div
      role="meter"
      aria-label=${this.label}
      aria-valuenow=${percent}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuetext=${this.text || `${percent} %`}
    >
      <div class="words" aria-hidden="true"><span>${this.label}</span><span>${this.text || `${percent} %`}</span></div>
      <svg aria-hidden="true" preserveAspectRatio="none">
        ${svg`<rect class=${level} width=${`${percent}%`} height="100%"></rect>`}
      </svg>
    </div>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-meter': Meter
  }
}
