import { NusaElement, t, toasts } from '@nusantara/sdk/ui'
import { html, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import { unreadCount } from '../layout/notifications.js'
import './notification-list.js'
import './toast-list.js'

/** What there is to know: notifications, and what was told in this tab since it was opened. */
@customElement('nusa-inbox')
export class Inbox extends NusaElement {
  @state() private tab = 'notifications'

  override render(): TemplateResult {
    const tabs = [
      { id: 'notifications', label: t('inbox.notifications'), ...(unreadCount() && { count: unreadCount() }) },
      { id: 'visit', label: t('inbox.visit'), ...(toasts().length && { count: toasts().length }) },
    ]
    return html`<nusa-tabs
      label=${t('inbox.heading')}
      .tabs=${tabs}
      .active=${this.tab}
      @nusa-tab=${(event: CustomEvent<string>) => {
        this.tab = event.detail
      }}
    >
      <nusa-notification-list slot="notifications" @nusa-read=${() => this.requestUpdate()}></nusa-notification-list>
      ${this.tab === 'visit' ? html`<nusa-toast-list slot="visit"></nusa-toast-list>` : html``}
    </nusa-tabs>`
  }
}
