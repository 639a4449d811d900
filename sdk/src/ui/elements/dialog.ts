import { css, html, type LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, query } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'
import { t } from '../core/messages.js'
import './button.js'

const dialogs = new Set<Dialog>()
/** Something else covers the page. */
let covered = false

/**
 * While something covers the page that a dialog in the browser's top layer would make inert, such as the sign-in, every dialog
 * steps aside: it stays open for its owner, keeps what was typed, and is shown again after.
 */
export function coverDialogs(next: boolean): void {
  covered = next
  for (const dialog of dialogs) dialog.place()
}

/**
 * A modal dialog on the browser's own `<dialog>`: focus stays inside, Escape closes it, and the focus returns to where it was.
 * With `autofocus` an element of its content gets the focus. With `side` it slides from that edge over the page's full height. Fires `nusa-close` when the reader closes it.
 */
@customElement('nusa-dialog')
export class Dialog extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: contents;
      }
      dialog {
        width: min(520px, calc(100vw - 24px));
        max-height: min(86vh, 900px);
        padding: 0;
        border: 1px solid var(--nusa-border);
        border-radius: 14px;
        background: var(--nusa-raised);
        color: var(--nusa-text);
        box-shadow: var(--nusa-shadow-lg);
        overflow: hidden;
      }
      dialog.wide {
        width: min(860px, calc(100vw - 24px));
      }
      dialog[open] {
        display: flex;
        flex-direction: column;
        animation: rise 160ms ease-out;
      }
      dialog::backdrop {
        background: var(--nusa-scrim);
      }
      dialog.end,
      dialog.start {
        width: min(480px, 100vw);
        max-width: 100vw;
        height: 100dvh;
        max-height: 100dvh;
        margin: 0 0 0 auto;
        border-radius: 14px 0 0 14px;
        border-width: 0 0 0 1px;
      }
      dialog.start {
        width: min(280px, 86vw);
        margin: 0 auto 0 0;
        border-radius: 0 14px 14px 0;
      }
      dialog.end[open] {
        animation: from-end 180ms ease-out;
      }
      dialog.start[open] {
        animation: from-start 180ms ease-out;
      }
      @keyframes rise {
        from {
          opacity: 0;
          transform: translateY(8px);
        }
      }
      @keyframes from-end {
        from {
          transform: translateX(40px);
          opacity: 0;
        }
      }
      @keyframes from-start {
        from {
          transform: translateX(-40px);
          opacity: 0;
        }
      }
      .head {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 12px;
        padding: 16px 12px 4px 20px;
      }
      .content {
        padding: 8px 20px 20px;
        overflow: auto;
        line-height: 1.5;
        flex: 1;
      }
      .start .content {
        padding: 0;
      }
      .foot {
        display: flex;
        flex-wrap: wrap;
        justify-content: flex-end;
        gap: 8px;
        padding: 12px 20px;
        border-top: 1px solid var(--nusa-border);
        background: var(--nusa-sunken);
      }
      .foot:not(:has(.filled)) {
        display: none;
      }
      .foot slot {
        display: contents;
      }
    `,
  ]

  @property({ type: Boolean }) open = false
  @property() heading = ''
  @property() side: 'center' | 'start' | 'end' = 'center'
  @property({ type: Boolean }) wide = false
  @query('dialog') private dialog!: HTMLDialogElement
  /** Else selecting a text from inside to outside would count as a click beside the dialog. */
  #pressedOutside = false

  override connectedCallback(): void {
    super.connectedCallback()
    dialogs.add(this)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    dialogs.delete(this)
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('open')) this.place()
  }

  /** Shows or hides the browser's own dialog. @internal */
  place(): void {
    const shown = this.open && !covered
    if (!this.hasUpdated || shown === this.dialog.open) return
    if (shown) void this.#show()
    else this.dialog.close()
  }

  override render(): TemplateResult {
    return html`<dialog
      class="${this.side} ${this.wide ? 'wide' : ''}"
      aria-labelledby="heading"
      @close=${this.#closed}
      @pointerdown=${(event: PointerEvent) => {
        this.#pressedOutside = event.target === this.dialog
      }}
      @click=${(event: MouseEvent) => {
        if (event.target === this.dialog && this.#pressedOutside) this.dialog.close()
      }}
    >
      ${
        this.open
          ? html`<div class="head">
                <h2 id="heading">${this.heading}</h2>
                <nusa-button
                  variant="quiet"
                  bare
                  icon="close"
                  label=${t('action.close')}
                  @click=${() => this.dialog.close()}
                ></nusa-button>
              </div>
              <div class="content"><slot></slot></div>
              <div class="foot"><slot name="footer" @slotchange=${this.#footerChanged}></slot></div>`
          : nothing
      }
    </dialog>`
  }

  /** The browser looks for `autofocus` at once, before a field has drawn its control. */
  async #show(): Promise<void> {
    this.dialog.showModal()
    const first = this.querySelector<HTMLElement & Partial<LitElement>>('[autofocus]')
    await first?.updateComplete
    first?.focus()
  }

  #footerChanged = (event: Event): void => {
    const slot = event.target as HTMLSlotElement
    slot.classList.toggle('filled', slot.assignedElements().length > 0)
  }

  #closed = (): void => {
    // The browser tells it later: it may have stepped aside, or be shown again.
    if (!this.open || covered || this.dialog.open) return
    this.open = false
    this.emit('nusa-close')
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-dialog': Dialog
  }
}
