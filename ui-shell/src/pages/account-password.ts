import {
  ApiProblem,
  api,
  asProblem,
  type FormValues,
  loadSession,
  NusaElement,
  session,
  toast,
} from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './people/new-password.js'
import { t } from './people/texts.js'

/** Changing one's own password. */
@customElement('nusa-account-password')
export class AccountPassword extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      p {
        margin: 4px 0 14px;
      }
    `,
  ]
  @state() private open = false

  #change = async ({ current, password }: FormValues): Promise<void> => {
    try {
      await api.post('/auth/password', { current, password })
    } catch (error) {
      const { code, body } = asProblem(error)
      throw code === 'credentials_wrong' ? new ApiProblem({ status: body.status, code: 'password_wrong' }) : error
    }
    // The session goes on under another token.
    await loadSession()
    this.open = false
    toast(t('own-password.changed'), { tone: 'success' })
  }

  override render(): TemplateResult {
    return html`<section class="panel">
      <div class="spread">
        <h2>${t('own-password.heading')}</h2>
        ${
          this.open
            ? nothing
            : html`<nusa-button
              icon="key"
              @click=${() => {
                this.open = true
              }}
              >${t('own-password.change')}</nusa-button
            >`
        }
      </div>
      ${this.open ? this.#form() : nothing}
    </section>`
  }

  #form(): TemplateResult {
    const { username = '', totp = false } = session().user ?? {}
    const place = ({ code }: ApiProblem) => (code === 'password_wrong' ? 'current' : undefined)
    return html`<p class="muted">${t('own-password.text')}</p>
      <nusa-form label=${t('own-password.change')} .handle=${this.#change} .place=${place}>
        <nusa-text-field
          name="current"
          type="password"
          label=${t('own-password.current')}
          autocomplete="current-password"
          required
        ></nusa-text-field>
        <nusa-new-password label=${t('password.new')} username=${username} ?totp=${totp}></nusa-new-password>
        <div class="row">
          <nusa-button variant="primary" type="submit">${t('own-password.change')}</nusa-button>
          <nusa-button
            variant="quiet"
            @click=${() => {
              this.open = false
            }}
            >${t('action.cancel')}</nusa-button
          >
        </div>
      </nusa-form>`
  }
}
