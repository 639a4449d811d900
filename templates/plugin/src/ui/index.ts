import { api, NusaElement, translator } from '@nusantara/sdk/ui'
import { html, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'

const t = translator('my-plugin')

/** The plugin's page. */
@customElement('nusa-my-plugin')
export class Page extends NusaElement {
  @state() private greeting: string | undefined
  @state() private error: unknown

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  #load = async (): Promise<void> => {
    this.error = undefined
    try {
      this.greeting = (await api.get<{ greeting: string }>('/my-plugin')).greeting
    } catch (error) {
      this.error = error
    }
  }

  override render(): TemplateResult {
    return html`<nusa-page heading=${t('my-plugin.nav')} lead=${t('ui.lead')}>
      ${
        this.error
          ? html`<nusa-failure .error=${this.error} .retry=${this.#load}></nusa-failure>`
          : html`<p class="panel">${this.greeting ?? '…'}</p>`
      }
    </nusa-page>`
  }
}
