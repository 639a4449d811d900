import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, query, state } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'
import './button.js'
import './icon.js'

export interface MenuItem {
  readonly label: string
  readonly icon?: string
  readonly href?: string
  readonly run?: () => void
  /** For one of several: shows a tick. */
  readonly checked?: boolean
  readonly danger?: boolean
  /** A line above it. */
  readonly separate?: boolean
}

/** A button that opens a list of actions, by the ARIA menu pattern: arrows, Home, End, Escape. */
@customElement('nusa-menu')
export class Menu extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: inline-block;
        position: relative;
      }
      [role='menu'] {
        position: absolute;
        right: 0;
        top: calc(100% + 6px);
        z-index: 30;
        min-width: 200px;
        max-width: min(300px, calc(100vw - 32px));
        padding: 5px;
        border: 1px solid var(--nusa-border);
        border-radius: var(--nusa-radius-lg);
        background: var(--nusa-raised);
        box-shadow: var(--nusa-shadow-lg);
        animation: drop 110ms ease-out;
      }
      @keyframes drop {
        from {
          opacity: 0;
          transform: translateY(-4px);
        }
      }
      [role^='menuitem'] {
        display: flex;
        align-items: center;
        gap: 9px;
        width: 100%;
        padding: 7px 9px;
        border: 0;
        border-radius: 6px;
        background: none;
        color: var(--nusa-text);
        font-size: var(--nusa-text-md);
        text-align: left;
        text-decoration: none;
        cursor: pointer;
      }
      [role^='menuitem']:hover,
      [role^='menuitem']:focus-visible {
        background: var(--nusa-hover);
        outline-offset: -2px;
      }
      .danger {
        color: var(--nusa-danger);
      }
      .label {
        flex: 1;
      }
      hr {
        height: 1px;
        margin: 5px 0;
        border: 0;
        background: var(--nusa-border);
      }
      nusa-icon {
        color: var(--nusa-muted);
      }
      .danger nusa-icon {
        color: inherit;
      }
      .heading {
        padding: 6px 9px;
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
      }
    `,
  ]
  @property() label = ''
  @property() icon = 'more'
  /** Shown in the button beside the icon. */
  @property() text = ''
  @property() heading = ''
  @property({ attribute: false }) items: readonly MenuItem[] = []
  @state() private open = false
  @query('nusa-button') private trigger!: HTMLElement

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#hide()
  }

  override render(): TemplateResult {
    return html`<nusa-button
        variant="quiet"
        ?bare=${!this.text}
        icon=${this.icon}
        label=${this.label}
        aria-haspopup="menu"
        aria-expanded=${this.open ? 'true' : 'false'}
        @click=${() => (this.open ? this.#hide() : this.#show())}
        @keydown=${(event: KeyboardEvent) => {
          if (event.key !== 'ArrowDown' || this.open) return
          event.preventDefault()
          this.#show()
        }}
        >${this.text}</nusa-button
      >${
        this.open
          ? html`<div role="menu" aria-label=${this.label} @keydown=${this.#key}>
            ${this.heading ? html`<p class="heading" role="presentation">${this.heading}</p>` : nothing}
            ${this.items.map(item => this.#item(item))}
          </div>`
          : nothing
      }`
  }

  #item(item: MenuItem): TemplateResult {
    const content = html`${item.icon ? html`<nusa-icon name=${item.icon}></nusa-icon>` : nothing}
      <span class="label">${item.label}</span>
      ${item.checked ? html`<nusa-icon name="check"></nusa-icon>` : nothing}`
    const classes = item.danger ? 'danger' : ''
    const line = item.separate ? html`<hr role="separator" />` : nothing
    if (item.href)
      return html`${line}<a role="menuitem" tabindex="-1" class=${classes} href=${item.href} @click=${() => this.#hide()}>${content}</a>`
    return html`${line}<button
        type="button"
        tabindex="-1"
        class=${classes}
        role=${item.checked === undefined ? 'menuitem' : 'menuitemradio'}
        aria-checked=${item.checked === undefined ? nothing : item.checked ? 'true' : 'false'}
        @click=${() => {
          this.#hide()
          this.trigger.focus()
          item.run?.()
        }}
      >
        ${content}
      </button>`
  }

  #outside = (event: Event): void => {
    if (!event.composedPath().includes(this)) this.#hide()
  }

  async #show(): Promise<void> {
    this.open = true
    addEventListener('pointerdown', this.#outside, true)
    addEventListener('focusin', this.#outside)
    await this.updateComplete
    this.#entries()[0]?.focus()
  }

  #hide(): void {
    this.open = false
    removeEventListener('pointerdown', this.#outside, true)
    removeEventListener('focusin', this.#outside)
  }

  #entries(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>('[role^="menuitem"]')]
  }

  #key = (event: KeyboardEvent): void => {
    const entries = this.#entries()
    const at = entries.indexOf(this.shadowRoot?.activeElement as HTMLElement)
    const moves: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }
    if (event.key === 'Escape' || event.key === 'Tab') {
      this.#hide()
      if (event.key === 'Escape') this.trigger.focus()
      return
    }
    const move = moves[event.key]
    if (move === undefined) return
    event.preventDefault()
    entries.at(move % entries.length)?.focus()
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-menu': Menu
  }
}
