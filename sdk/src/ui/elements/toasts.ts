import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { NusaElement } from '../core/element.js'
import { t } from '../core/messages.js'
import { onToast, type Toast } from '../core/toast.js'
import './button.js'

const icons: Record<string, string> = { success: 'check-circle', danger: 'x-circle', warning: 'alert' }

/** The corner where `toast()` speaks: announced politely, kept while the pointer or the focus is on it. */
@customElement('nusa-toasts')
export class Toasts extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        position: fixed;
        right: 16px;
        bottom: 16px;
        z-index: 50;
        width: min(380px, calc(100vw - 32px));
        pointer-events: none;
      }
      .list {
        display: flex;
        flex-direction: column;
        gap: 8px;
      }
      .toast {
        display: flex;
        gap: 10px;
        align-items: flex-start;
        padding: 11px 8px 11px 14px;
        border: 1px solid var(--nusa-border);
        border-radius: var(--nusa-radius-lg);
        background: var(--nusa-raised);
        box-shadow: var(--nusa-shadow-lg);
        pointer-events: auto;
        font-size: var(--nusa-text-md);
        line-height: 1.45;
        animation: in 180ms ease-out;
      }
      .body {
        flex: 1;
        min-width: 0;
        overflow-wrap: anywhere;
        padding-top: 2px;
      }
      .toast > nusa-icon {
        margin-top: 4px;
        color: var(--nusa-muted);
      }
      .success > nusa-icon {
        color: var(--nusa-success);
      }
      .danger > nusa-icon {
        color: var(--nusa-danger);
      }
      .warning > nusa-icon {
        color: var(--nusa-warning);
      }
      @keyframes in {
        from {
          opacity: 0;
          transform: translateY(8px);
        }
      }
    `,
  ]
  @state() private toasts: readonly Toast[] = []
  #stop: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stop = onToast(toast => {
      this.toasts = [...this.toasts.slice(-3), toast]
      this.#expire(toast)
    })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
  }

  #expire(toast: Toast): void {
    setTimeout(
      () => {
        if (this.matches(':hover, :focus-within')) this.#expire(toast)
        else this.#drop(toast)
      },
      toast.tone === 'danger' ? 15_000 : 6_000,
    )
  }

  #drop(toast: Toast): void {
    this.toasts = this.toasts.filter(other => other !== toast)
  }

  override render(): TemplateResult {
    return html`<div class="list" role="status" aria-live="polite">
      ${repeat(
        this.toasts,
        toast => toast.id,
        toast => html`<div class="toast ${toast.tone}">
          <nusa-icon name=${icons[toast.tone] ?? 'info'}></nusa-icon>
          <div class="body">
            <p>${toast.message}</p>
            ${toast.detail ? html`<p class="muted small">${toast.detail}</p>` : nothing}
            ${toast.action ? html`<a href=${toast.action.href}>${toast.action.label}</a>` : nothing}
          </div>
          <nusa-button small bare variant="quiet" icon="close" label=${t('action.dismiss')} @click=${() => this.#drop(toast)}></nusa-button>
        </div>`,
      )}
    </div>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-toasts': Toasts
  }
}
