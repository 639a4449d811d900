import { NusaElement, t } from '@nusantara/sdk/ui'
import { html, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import '../inbox/inbox.js'

/** The inbox on a page of its own. */
@customElement('nusa-notifications-page')
export class NotificationsPage extends NusaElement {
  override render(): TemplateResult {
    return html`<nusa-page narrow heading=${t('inbox.heading')} lead=${t('inbox.lead')}>
      <div class="panel"><nusa-inbox></nusa-inbox></div>
    </nusa-page>`
  }
}
