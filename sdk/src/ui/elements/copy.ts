import { css, html, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'
import { t } from '../core/messages.js'
import { toast } from '../core/toast.js'
import './button.js'

/** Puts a text on the clipboard and says so. */
@customElement('nusa-copy')
export class Copy extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: inline-flex;
        vertical-align: middle;
      }
    `,
  ]
  @property() value = ''
  /** What is copied: "Copy path". */
  @property() label = ''
  @state() private done = false

  override render(): TemplateResult {
    return html`<nusa-button
        small
        bare
        variant="quiet"
        icon=${this.done ? 'check' : 'copy'}
        label=${this.label || t('action.copy')}
        @click=${this.#copy}
      ></nusa-button
      ><span class="visually-hidden" role="status">${this.done ? t('action.copied') : ''}</span>`
  }

  #copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(this.value)
    } catch {
      // The browser does not let pages write there; the text stands beside the button.
      toast(t('action.copy-failed'), { tone: 'warning' })
      return
    }
    this.done = true
    setTimeout(() => {
      this.done = false
    }, 1_600)
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-copy': Copy
  }
}
