import { Loaded, NusaElement } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import './settings-section.js'
import type { SettingsView } from './setting-values.js'
import { t } from './texts.js'

/** Settings of the panel and of the plugins that have some. */
@customElement('nusa-settings-page')
export class SettingsPage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .sections {
        display: grid;
        gap: 18px;
      }
    `,
  ]
  readonly #settings = new Loaded<{ items: readonly SettingsView[] }>(this, '/settings')

  override render(): TemplateResult {
    const { found, error, ask } = this.#settings
    const items = found?.items.filter(({ fields }) => fields.length)
    return html`<nusa-page narrow heading=${t('heading')} lead=${t('lead')}>
      ${error ? html`<nusa-failure .error=${error} .retry=${ask}></nusa-failure>` : nothing}
      ${
        items
          ? html`<div class="sections">
              ${repeat(
                items,
                ({ plugin }) => plugin,
                view => html`<nusa-settings-section .view=${view}></nusa-settings-section>`,
              )}
            </div>`
          : error
            ? nothing
            : html`<div class="panel"><nusa-skeleton lines="8"></nusa-skeleton></div>`
      }
    </nusa-page>`
  }
}
