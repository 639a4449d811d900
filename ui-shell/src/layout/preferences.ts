import {
  locale,
  locales,
  type MenuItem,
  NusaElement,
  onTheme,
  setLocale,
  setTheme,
  type Theme,
  t,
  theme,
} from '@nusantara/sdk/ui'
import { css, html, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'

const themes: readonly { readonly value: Theme; readonly icon: string }[] = [
  { value: 'system', icon: 'monitor' },
  { value: 'light', icon: 'sun' },
  { value: 'dark', icon: 'moon' },
]

/** Language and theme, switched at once and remembered in this browser. */
@customElement('nusa-preferences')
export class Preferences extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: flex;
        gap: 2px;
      }
    `,
  ]
  /** Shows the chosen language's name beside its icon. */
  @property({ type: Boolean }) words = false

  #stop: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stop = onTheme(() => this.requestUpdate())
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
  }

  override render(): TemplateResult {
    const current = theme()
    const languages: MenuItem[] = Object.entries(locales).map(([code, name]) => ({
      label: name,
      checked: code === locale(),
      run: () => void setLocale(code),
    }))
    const looks: MenuItem[] = themes.map(({ value, icon }) => ({
      label: t(`theme.${value}`),
      icon,
      checked: value === current,
      run: () => setTheme(value),
    }))
    const icon = themes.find(candidate => candidate.value === current)?.icon ?? 'monitor'
    return html`<nusa-menu
        icon="language"
        label=${this.words ? `${t('language.label')}: ${locales[locale()] ?? ''}` : t('language.label')}
        text=${this.words ? (locales[locale()] ?? '') : ''}
        .items=${languages}
      ></nusa-menu>
      <nusa-menu icon=${icon} label=${t('theme.label')} .items=${looks}></nusa-menu>`
  }
}
