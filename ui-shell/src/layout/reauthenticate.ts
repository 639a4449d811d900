import { ApiProblem, api, asProblem, type FormValues, NusaElement, session, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'

/** Asks for the password or a code again before something of high risk. Requests that wait for it share one question. */
@customElement('nusa-reauthenticate')
export class Reauthenticate extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: contents;
      }
      p {
        margin-bottom: 16px;
        color: var(--nusa-muted);
      }
      .row {
        justify-content: space-between;
      }
    `,
  ]
  @state() private open = false
  @state() private byCode = false
  #asked: PromiseWithResolvers<boolean> | undefined

  /** True once proven; false when the reader closes the question. */
  ask(): Promise<boolean> {
    if (!this.#asked) {
      this.#asked = Promise.withResolvers()
      this.byCode = session().user?.totp ?? false
      this.open = true
    }
    return this.#asked.promise
  }

  /** The session ended meanwhile: signing in again, see {@link signedIn}, is the answer. */
  stepAside(): void {
    this.open = false
  }

  /** Whoever signed in a moment ago has proven who they are. */
  signedIn(): void {
    this.#answer(true)
  }

  #answer(proven: boolean): void {
    this.open = false
    this.#asked?.resolve(proven)
    this.#asked = undefined
  }

  #prove = async ({ password, code }: FormValues): Promise<void> => {
    try {
      await api.post('/auth/reauthenticate', this.byCode ? { code: String(code).replaceAll(' ', '') } : { password })
    } catch (error) {
      // Here nobody was asked for a user name.
      const { code: cause, body } = asProblem(error)
      throw cause === 'credentials_wrong' ? new ApiProblem({ status: body.status, code: 'password_wrong' }) : error
    }
    this.#answer(true)
  }

  #switch = async (): Promise<void> => {
    this.byCode = !this.byCode
    await this.updateComplete
    const field = this.renderRoot.querySelector('nusa-text-field')
    await field?.updateComplete
    field?.focus()
  }

  override render(): TemplateResult {
    return html`<nusa-dialog ?open=${this.open} heading=${t('reauthenticate.heading')} @nusa-close=${() => this.#answer(false)}>
      ${this.open ? this.#form() : nothing}
    </nusa-dialog>`
  }

  #form(): TemplateResult {
    return html`<p>${t('reauthenticate.text')}</p>
      <nusa-form .handle=${this.#prove} .place=${() => (this.byCode ? 'code' : 'password')}>
        ${
          this.byCode
            ? html`<nusa-text-field
                name="code"
                label=${t('sign-in.code')}
                inputMode="numeric"
                autocomplete="one-time-code"
                code
                required
                autofocus
              ></nusa-text-field>`
            : html`<nusa-text-field
                name="password"
                type="password"
                label=${t('sign-in.password')}
                autocomplete="current-password"
                required
                autofocus
              ></nusa-text-field>`
        }
        <div class="row">
          ${
            session().user?.totp
              ? html`<nusa-button variant="quiet" @click=${this.#switch}
                >${t(this.byCode ? 'reauthenticate.by-password' : 'reauthenticate.by-code')}</nusa-button
              >`
              : nothing
          }
          <nusa-button variant="primary" type="submit">${t('action.continue')}</nusa-button>
        </div>
      </nusa-form>`
  }
}
