import {
  locale,
  locales,
  NusaElement,
  type Option,
  onSession,
  onTheme,
  session,
  setLocale,
  setTheme,
  type Theme,
  t,
  theme,
} from '@nusantara/sdk/ui'
import { css, html, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import './account-sessions.js'
import './account-totp.js'

const themes: readonly Theme[] = ['system', 'light', 'dark']

/** One's own account: how the panel looks and speaks, the second factor, the sessions, and what plugins add. */
@customElement('nusa-account-page')
export class AccountPage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .panel h2 {
        margin-bottom: 14px;
      }
      .two {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 220px), 1fr));
        gap: 16px;
      }
    `,
  ]
  #disposers: (() => void)[] = []

  override connectedCallback(): void {
    super.connectedCallback()
    this.#disposers = [onSession, onTheme].map(listen => listen(() => this.requestUpdate()))
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const dispose of this.#disposers) dispose()
  }

  override render(): TemplateResult {
    const languages: Option[] = Object.entries(locales).map(([value, label]) => ({ value, label }))
    return html`<nusa-page narrow heading=${t('account.heading')} lead=${t('account.signed-in', { name: session().user?.username ?? '' })}>
      <div class="stack">
        <section class="panel">
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
        </section>
        <nusa-account-totp></nusa-account-totp>
        <nusa-account-sessions></nusa-account-sessions>
        <nusa-slot name="account.sections"></nusa-slot>
      </div>
    </nusa-page>`
  }
}
