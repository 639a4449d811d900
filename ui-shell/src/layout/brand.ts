import { NusaElement } from '@nusantara/sdk/ui'
import { css, html, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'

/** The mark, three islands on a swell, and the name. */
@customElement('nusa-brand')
export class Brand extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: flex;
        align-items: center;
        gap: 9px;
        font-weight: 640;
        font-size: 0.95rem;
        letter-spacing: -0.01em;
        color: var(--nusa-text);
      }
      :host([large]) {
        font-size: 1.15rem;
        gap: 12px;
      }
      svg {
        width: 26px;
        height: 26px;
        flex: none;
      }
      :host([large]) svg {
        width: 34px;
        height: 34px;
      }
      .sea {
        fill: var(--nusa-accent);
      }
      .land {
        fill: var(--nusa-on-accent);
      }
      .swell {
        fill: none;
        stroke: var(--nusa-on-accent);
        stroke-width: 1.8;
        stroke-linecap: round;
        opacity: 0.75;
      }
    `,
  ]
  @property({ type: Boolean, reflect: true }) large = false

  override render(): TemplateResult {
    return html`<svg viewBox="0 0 32 32" aria-hidden="true">
        <rect class="sea" width="32" height="32" rx="8" />
        <path class="land" d="M5 18.5c1.2-4.7 3-7 4.8-7s3.3 2.3 4.5 7z" />
        <path class="land" d="M12.8 18.5c1.5-7.3 3.6-11 5.8-11s4.3 3.7 5.9 11z" />
        <path class="swell" d="M5.5 22.5c1.8-1.5 3.5-1.5 5.3 0s3.5 1.5 5.2 0 3.5-1.5 5.3 0 3.5 1.5 5.2 0" />
      </svg>
      <span>Nusantara Panel</span>`
  }
}
