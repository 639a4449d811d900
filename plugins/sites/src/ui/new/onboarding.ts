import { Loaded, NusaElement, type Onboarding, type Page } from '@nusantara/sdk/ui'
import { html, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { Site } from '../../api.js'
import { t } from '../texts.js'
import './site-creation.js'
import type { Creating } from './site-creation.js'

/** The step of setting a server up that ends with a site on it. Leaves the site's id as `site` for the steps after it. */
@customElement('nusa-sites-onboarding')
export class SitesOnboarding extends NusaElement {
  @property({ attribute: false }) onboarding!: Onboarding
  @state() private another = false
  readonly #sites = new Loaded<Page<Site>>(this, '/sites', { query: { limit: 5 } })

  protected override updated(): void {
    const { found } = this.#sites
    if (found?.items.length) this.onboarding.settle(true)
  }

  #creating = ({ detail }: CustomEvent<Creating>): void => {
    if (detail.outcome !== 'succeeded') return
    this.onboarding.remember('site', detail.id)
    this.onboarding.settle(true)
  }

  override render(): TemplateResult {
    const { found, error, ask } = this.#sites
    if (error) return html`<nusa-failure .error=${error} .retry=${ask}></nusa-failure>`
    if (!found) return html`<nusa-skeleton lines="8"></nusa-skeleton>`
    if (found.items.length && !this.another) return this.#present(found)
    return html`<div class="stack">
      <p class="muted">${t('ui.onboarding.text')}</p>
      <nusa-sites-create embedded @nusa-sites-creating=${this.#creating}></nusa-sites-create>
    </div>`
  }

  /** Somebody comes back to this step. */
  #present({ items, total = items.length }: Page<Site>): TemplateResult {
    return html`<section class="panel stack">
      <p>${t('ui.onboarding.present', { count: total })}</p>
      <ul class="stack">
        ${items.map(({ id, domain }) => html`<li><a href="/sites/${id}">${domain}</a></li>`)}
      </ul>
      <div>
        <nusa-button
          icon="plus"
          @click=${() => {
            this.another = true
          }}
          >${t('ui.onboarding.another')}</nusa-button
        >
      </div>
    </section>`
  }
}
