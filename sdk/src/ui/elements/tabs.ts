import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'

export interface Tab {
  /** Also the name of the slot that holds its panel. */
  readonly id: string
  readonly label: string
  readonly count?: number
}

/** Tabs by the ARIA pattern: arrow keys move, the panel follows. Fires `nusa-tab` with the id. */
@customElement('nusa-tabs')
export class Tabs extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      [role='tablist'] {
        display: flex;
        gap: 4px;
        /* Not a border: the tabs stand on it without reaching beyond the list, which would then scroll up and down. */
        box-shadow: inset 0 -1px 0 var(--nusa-border);
        overflow-x: auto;
        scrollbar-width: none;
        padding: 2px 2px 0;
      }
      button {
        padding: 8px 11px 9px;
        border: 0;
        border-bottom: 2px solid transparent;
        background: none;
        border-radius: 6px 6px 0 0;
        color: var(--nusa-muted);
        font-size: var(--nusa-text-md);
        font-weight: 540;
        white-space: nowrap;
        cursor: pointer;
      }
      button:hover {
        color: var(--nusa-text);
      }
      button:focus-visible {
        outline-offset: -2px;
      }
      button[aria-selected='true'] {
        color: var(--nusa-text);
        border-bottom-color: var(--nusa-accent);
      }
      .count {
        margin-left: 5px;
        padding: 0 6px;
        border-radius: 99px;
        background: var(--nusa-hover);
        font-size: var(--nusa-text-xs);
      }
      [role='tabpanel'] {
        padding-top: var(--nusa-space-5);
      }
      [role='tabpanel']:focus-visible {
        outline-offset: 6px;
        border-radius: 4px;
      }
    `,
  ]
  @property({ attribute: false }) tabs: readonly Tab[] = []
  @property() active = ''
  @property() label = ''

  /** Without moving the page, which `scrollIntoView` would. */
  protected override updated(): void {
    const list = this.renderRoot.querySelector<HTMLElement>('[role="tablist"]')
    const tab = list?.querySelector<HTMLElement>('[aria-selected="true"]')
    if (!list || !tab) return
    const { left, right } = list.getBoundingClientRect()
    const box = tab.getBoundingClientRect()
    if (box.left < left) list.scrollLeft -= left - box.left
    else if (box.right > right) list.scrollLeft += box.right - right
  }

  override render(): TemplateResult {
    const active = this.tabs.find(tab => tab.id === this.active) ?? this.tabs[0]
    return html`<div role="tablist" aria-label=${this.label || nothing} @keydown=${this.#key}>
        ${this.tabs.map(
          tab => html`<button
            role="tab"
            type="button"
            id="tab-${tab.id}"
            aria-controls="panel"
            aria-selected=${tab.id === active?.id ? 'true' : 'false'}
            tabindex=${tab.id === active?.id ? 0 : -1}
            @click=${() => this.#select(tab.id)}
          >
            ${tab.label}${tab.count === undefined ? nothing : html`<span class="count">${tab.count}</span>`}
          </button>`,
        )}
      </div>
      <div role="tabpanel" id="panel" tabindex="0" aria-labelledby="tab-${active?.id}"><slot name=${active?.id ?? ''}></slot></div>`
  }

  #select(id: string): void {
    this.active = id
    this.emit('nusa-tab', id)
  }

  #key = async (event: KeyboardEvent): Promise<void> => {
    const at = Math.max(
      0,
      this.tabs.findIndex(tab => tab.id === this.active),
    )
    const moves: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: this.tabs.length - 1 }
    const move = moves[event.key]
    if (move === undefined) return
    event.preventDefault()
    const next = this.tabs[(move + this.tabs.length) % this.tabs.length]
    if (!next) return
    this.#select(next.id)
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>(`#tab-${CSS.escape(next.id)}`)?.focus()
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-tabs': Tabs
  }
}
