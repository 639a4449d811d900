import { NusaElement, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import { onUnread, unreadCount } from './notifications.js'

/** Opens the inbox, and says how many notifications are unread. */
@customElement('nusa-bell')
export class Bell extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: inline-flex;
        position: relative;
      }
      .count {
        position: absolute;
        top: 1px;
        right: 0;
        min-width: 16px;
        padding: 0 4px;
        border-radius: 99px;
        background: var(--nusa-danger);
        color: var(--nusa-on-danger);
        font-size: 0.68rem;
        font-weight: 650;
        line-height: 16px;
        text-align: center;
        pointer-events: none;
      }
    `,
  ]
  @state() private open = false
  @state() private loaded = false
  #stop: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stop = onUnread(() => this.requestUpdate())
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
  }

  #show = async (): Promise<void> => {
    this.open = true
    await import('../inbox/inbox.js')
    this.loaded = true
  }

  #close = (): void => {
    this.open = false
  }

  override render(): TemplateResult {
    const unread = unreadCount()
    return html`<nusa-button
        variant="quiet"
        bare
        icon="bell"
        label=${t('inbox.open', { count: unread })}
        @click=${this.#show}
      ></nusa-button>
      ${unread ? html`<span class="count" aria-hidden="true">${unread > 99 ? '99+' : unread}</span>` : nothing}
      <nusa-dialog side="end" heading=${t('inbox.heading')} ?open=${this.open} @nusa-close=${this.#close}>
        ${
          this.open
            ? this.loaded
              ? html`<nusa-inbox @click=${this.#followed}></nusa-inbox>`
              : html`<nusa-skeleton lines="6"></nusa-skeleton>`
            : nothing
        }
        <nusa-button slot="footer" href="/notifications" @click=${this.#close}>${t('inbox.all')}</nusa-button>
      </nusa-dialog>`
  }

  /** A link of the inbox leads to a page, which it would cover. */
  #followed = (event: Event): void => {
    if (event.composedPath().some(target => target instanceof HTMLAnchorElement)) this.#close()
  }
}
