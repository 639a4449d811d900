import {
  locale,
  locales,
  NusaElement,
  type Option,
  onTheme,
  setLocale,
  setTheme,
  type Theme,
  theme,
} from '@nusantara/sdk/ui'
import { css, html, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import { t } from './people/texts.js'

const themes: readonly Theme[] = ['system', 'light', 'dark']

/** How the panel looks and speaks in this browser. */
@customElement('nusa-account-display')
export class AccountDisplay extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      h2 {
        margin-bottom: 14px;
      }
      .two {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 220px), 1fr));
        gap: 16px;
      }
    `,
  ]
  #unlisten: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#unlisten = onTheme(() => this.requestUpdate())
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unlisten?.()
  }

  override render(): TemplateResult {
    const languages: Option[] = Object.entries(locales).map(([value, label]) => ({ value, label }))
    return html`<section class="panel">
      <h2>${t('account.display')}</h2>
      <div class="two">
        <nusa-select
          label=${t('language.label')}
          .value=${locale()}
          .options=${languages}
          @nusa-change=${(event: CustomEvent<{ value: string }>) => void setLocale(event.detail.value)}
        ></nusa-select>
        <nusa-select
          label=${t('theme.label')}
          .value=${theme()}
          .options=${themes.map(value => ({ value, label: t(`theme.${value}`) }))}
          @nusa-change=${(event: CustomEvent<{ value: Theme }>) => setTheme(event.detail.value)}
        ></nusa-select>
      </div>
    </section>`
  }
}
