import { may, NusaElement, routeEvent } from '@nusantara/sdk/ui'
import { html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import { t } from '../texts.js'
import './authority-list.js'
import './certificate-list.js'
import './provider-list.js'

/** The certificates of all sites; for administrators also who issues them and who can change the DNS. */
@customElement('nusa-ssl-page')
export class Certificates extends NusaElement {
  @state() private tab = location.hash.slice(1)

  override connectedCallback(): void {
    super.connectedCallback()
    window.addEventListener(routeEvent, this.#moved)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    window.removeEventListener(routeEvent, this.#moved)
  }

  #moved = (): void => {
    this.tab = location.hash.slice(1)
  }

  #turn = ({ detail }: CustomEvent<string>): void => {
    this.tab = detail
    history.replaceState(null, '', `#${detail}`)
  }

  override render(): TemplateResult {
    return html`<nusa-page heading=${t('ssl.nav')} lead=${t('ui.lead')}>
      ${may('ssl:authorities') ? this.#tabs() : html`<nusa-ssl-list></nusa-ssl-list>`}
    </nusa-page>`
  }

  #tabs(): TemplateResult {
    const tabs = (['sites', 'authorities', 'providers'] as const).map(id => ({ id, label: t(`ui.tab.${id}`) }))
    const active = tabs.some(({ id }) => id === this.tab) ? this.tab : 'sites'
    return html`<nusa-tabs label=${t('ssl.nav')} .tabs=${tabs} .active=${active} @nusa-tab=${this.#turn}>
      ${active === 'sites' ? html`<nusa-ssl-list slot="sites"></nusa-ssl-list>` : nothing}
      ${active === 'authorities' ? html`<nusa-ssl-authorities slot="authorities"></nusa-ssl-authorities>` : nothing}
      ${active === 'providers' ? html`<nusa-ssl-providers slot="providers"></nusa-ssl-providers>` : nothing}
    </nusa-tabs>`
  }
}
