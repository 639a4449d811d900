import { NusaElement, onToast, t, toasts } from '@nusantara/sdk/ui'
import { html, nothing, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import { entryStyles } from './entry-styles.js'

const icons: Readonly<Record<string, string>> = { success: 'check-circle', danger: 'x-circle', warning: 'alert' }

/** What was told in passing since this tab was opened, to be read again. */
@customElement('nusa-toast-list')
export class ToastList extends NusaElement {
  static override styles = [...NusaElement.styles, entryStyles]
  #stop: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stop = onToast(() => this.requestUpdate())
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
  }

  override render(): TemplateResult {
    const told = toasts()
    if (!told.length)
      return html`<nusa-empty icon="bell" heading=${t('inbox.visit.empty')} text=${t('inbox.visit.empty.text')}></nusa-empty>`
    return html`<ul>
      ${told.map(
        ({ message, detail, tone, action, at }) => html`<li class=${tone}>
          <nusa-icon name=${icons[tone] ?? 'info'}></nusa-icon>
          <div class="text">
            <p>${message}</p>
            ${detail ? html`<p class="muted small">${detail}</p>` : nothing}
            <p class="muted small">
              <nusa-time value=${at.toISOString()}></nusa-time>
              ${action ? html` · <a href=${action.href}>${action.label}</a>` : nothing}
            </p>
          </div>
        </li>`,
      )}
    </ul>`
  }
}
