import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { classMap } from 'lit/directives/class-map.js'
import { NusaElement } from '../core/element.js'
import './icon.js'

export type ButtonVariant = 'primary' | 'default' | 'quiet' | 'danger'

/**
 * A button, or with `href` a link that looks like one. `type="submit"` submits the `nusa-form` around it. With `icon` and no
 * content it needs a `label`.
 */
@customElement('nusa-button')
export class Button extends NusaElement {
  static override shadowRootOptions: ShadowRootInit = { mode: 'open', delegatesFocus: true }
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: inline-flex;
        min-width: 0;
      }
      .button {
        display: inline-flex;
        align-items: center;
        justify-content: center;
        gap: 7px;
        width: 100%;
        min-height: var(--nusa-control);
        padding: 5px 13px;
        border: 1px solid transparent;
        border-radius: var(--nusa-radius);
        background: transparent;
        color: var(--nusa-text);
        font-size: var(--nusa-text-md);
        font-weight: 560;
        line-height: 1.3;
        text-align: center;
        text-decoration: none;
        cursor: pointer;
        transition:
          background-color 120ms ease,
          border-color 120ms ease;
      }
      .default {
        background: var(--nusa-surface);
        border-color: color-mix(in srgb, var(--nusa-border-strong) 45%, var(--nusa-border));
        box-shadow: var(--nusa-shadow);
      }
      .default:hover,
      .quiet:hover {
        background: var(--nusa-hover);
      }
      .primary {
        background: var(--nusa-accent);
        color: var(--nusa-on-accent);
      }
      .primary:hover {
        background: var(--nusa-accent-hover);
      }
      .danger {
        background: var(--nusa-danger);
        color: var(--nusa-on-danger);
      }
      .danger:hover {
        background: var(--nusa-danger-hover);
      }
      .small {
        min-height: 28px;
        padding: 3px 9px;
        font-size: var(--nusa-text-sm);
      }
      .bare {
        padding-inline: 0;
        width: var(--nusa-control);
      }
      .bare.small {
        width: 28px;
      }
      .button[disabled],
      .button[aria-disabled='true'] {
        cursor: not-allowed;
        opacity: 0.55;
      }
      .spin {
        animation: spin 0.9s linear infinite;
      }
      @keyframes spin {
        to {
          transform: rotate(360deg);
        }
      }
    `,
  ]

  @property() variant: ButtonVariant = 'default'
  @property() type: 'button' | 'submit' = 'button'
  @property() icon = ''
  /** What assistive technology says; required without content. */
  @property() label = ''
  @property() href?: string
  @property() target?: string
  @property({ type: Boolean }) small = false
  @property({ type: Boolean }) bare = false
  @property({ type: Boolean, reflect: true }) disabled = false
  /** Working: keeps its size and its focus, ignores clicks. */
  @property({ type: Boolean, reflect: true }) busy = false
  @property({ attribute: 'aria-expanded' }) override ariaExpanded: string | null = null
  @property({ attribute: 'aria-haspopup' }) override ariaHasPopup: string | null = null
  @property({ attribute: 'aria-pressed' }) override ariaPressed: string | null = null

  override render(): TemplateResult {
    const classes = classMap({ button: true, [this.variant]: true, small: this.small, bare: this.bare })
    const icon = this.busy
      ? html`<nusa-icon class="spin" name="progress"></nusa-icon>`
      : this.icon
        ? html`<nusa-icon name=${this.icon}></nusa-icon>`
        : nothing
    if (this.href !== undefined && !this.disabled)
      return html`<a
        class=${classes}
        href=${this.href}
        target=${this.target ?? nothing}
        rel=${this.target ? 'noopener noreferrer' : nothing}
        aria-label=${this.label || nothing}
        >${icon}<slot></slot
      ></a>`
    return html`<button
      class=${classes}
      type="button"
      ?disabled=${this.disabled}
      aria-disabled=${this.busy ? 'true' : nothing}
      aria-label=${this.label || nothing}
      aria-expanded=${(this.ariaExpanded as 'true') ?? nothing}
      aria-haspopup=${(this.ariaHasPopup as 'menu') ?? nothing}
      aria-pressed=${(this.ariaPressed as 'true') ?? nothing}
      title=${this.bare && this.label ? this.label : nothing}
      @click=${this.#clicked}
    >
      ${icon}<slot></slot>
    </button>`
  }

  #clicked = (event: Event): void => {
    if (this.busy) {
      event.stopImmediatePropagation()
      event.preventDefault()
    } else if (this.type === 'submit') this.emit('nusa-request-submit')
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-button': Button
  }
}
