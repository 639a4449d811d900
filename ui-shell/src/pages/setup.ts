import { type ApiProblem, api, type FormValues, locale, NusaElement, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import '../layout/front.js'

/** The first administrator. The one-time token comes in the fragment of the link that the console printed. */
@customElement('nusa-setup')
export class SetupPage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      nusa-callout {
        margin-bottom: 18px;
      }
    `,
  ]
  @property({ attribute: false }) done?: () => Promise<void>
  @state() private token = ''
  @state() private linked = false

  override connectedCallback(): void {
    super.connectedCallback()
    window.addEventListener('hashchange', this.#read)
    this.#read()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    window.removeEventListener('hashchange', this.#read)
  }

  /** The secret leaves the address bar and the history as soon as it is read. The link may come while the page is open. */
  #read = (): void => {
    const token = new URLSearchParams(location.hash.slice(1)).get('token')
    if (!token) return
    this.token = token
    this.linked = true
    history.replaceState(null, '', '/setup')
  }

  override render(): TemplateResult {
    return html`<nusa-front heading=${t('setup.heading')} lead=${t('setup.lead')}>
      ${this.linked ? nothing : html`<nusa-callout tone="info">${t('setup.token.text')}</nusa-callout>`}
      <nusa-form
        .place=${(problem: ApiProblem) => /^(password|username)_/.exec(problem.code)?.[1]}
        .handle=${async (values: FormValues) => {
          await api.post('/setup', { token: this.token, ...values, locale: locale() })
          await this.done?.()
        }}
      >
        ${this.linked ? nothing : html`<nusa-text-field name="token" label=${t('setup.token')} mono required></nusa-text-field>`}
        <nusa-text-field
          name="username"
          label=${t('sign-in.username')}
          value="admin"
          autocomplete="username"
          required
        ></nusa-text-field>
        <nusa-text-field
          name="password"
          type="password"
          label=${t('sign-in.password')}
          hint=${t('setup.password.hint')}
          autocomplete="new-password"
          required
        ></nusa-text-field>
        <nusa-button variant="primary" type="submit">${t('setup.submit')}</nusa-button>
      </nusa-form>
    </nusa-front>`
  }
}
