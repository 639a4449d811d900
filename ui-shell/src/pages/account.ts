import { NusaElement, onSession, onShellInfo, routeEvent, session, slotEntries } from '@nusantara/sdk/ui'
import { html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './account-display.js'
import './account-password.js'
import './account-sessions.js'
import './account-tokens.js'
import './account-totp.js'
import { t } from './people/texts.js'

const tabs = ['sign-in', 'tokens', 'preferences'] as const

/** One's own account: password, second factor and sessions; tokens for programs; how the panel looks, and what plugins add. */
@customElement('nusa-account-page')
export class AccountPage extends NusaElement {
  @state() private tab = location.hash.slice(1)
  #disposers: (() => void)[] = []

  override connectedCallback(): void {
    super.connectedCallback()
    const moved = () => {
      this.tab = location.hash.slice(1)
    }
    window.addEventListener(routeEvent, moved)
    this.#disposers = [
      () => window.removeEventListener(routeEvent, moved),
      ...[onSession, onShellInfo].map(listen => listen(() => this.requestUpdate())),
    ]
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const dispose of this.#disposers) dispose()
  }

  override render(): TemplateResult {
    const active = tabs.find(id => id === this.tab) ?? tabs[0]
    const name = session().user?.username ?? ''
    return html`<nusa-page narrow heading=${t('account.heading')} lead=${t('account.signed-in', { name })}>
      <nusa-tabs
        label=${t('account.heading')}
        .tabs=${tabs.map(id => ({ id, label: t(`account.tab.${id}`) }))}
        .active=${active}
        @nusa-tab=${(event: CustomEvent<string>) => {
          this.tab = event.detail
          history.replaceState(null, '', `#${event.detail}`)
        }}
      >
        <div slot=${active} class="stack">${this.#part(active)}</div>
      </nusa-tabs>
    </nusa-page>`
  }

  #part(tab: (typeof tabs)[number]): TemplateResult {
    if (tab === 'tokens') return html`<nusa-account-tokens></nusa-account-tokens>`
    if (tab === 'preferences')
      return html`<nusa-account-display></nusa-account-display>
        ${slotEntries('account.sections').length ? html`<nusa-slot name="account.sections"></nusa-slot>` : nothing}`
    return html`<nusa-account-password></nusa-account-password>
      <nusa-account-totp></nusa-account-totp>
      <nusa-account-sessions></nusa-account-sessions>`
  }
}
