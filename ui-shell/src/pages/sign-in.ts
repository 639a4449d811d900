import { api, type FormValues, loadSession, NusaElement, type Session, t } from '@nusantara/sdk/ui'
import { css, html, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import '../layout/front.js'

type Step = 'password' | 'code' | 'recovery'

/** Name and password, then a code or a recovery code where the account has a second factor. */
@customElement('nusa-sign-in')
export class SignInPage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .other {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 4px;
      }
    `,
  ]
  @property({ attribute: false }) start: Session['assurance'] = 'none'
  @property({ attribute: false }) done?: () => Promise<void>
  @state() private step: Step = 'password'

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('start')) this.step = this.start === 'totp_required' ? 'code' : 'password'
  }

  #password = async (values: FormValues): Promise<void> => {
    const { assurance } = await api.post<{ assurance: Session['assurance'] }>('/auth/login', values)
    if (assurance === 'totp_required') {
      await loadSession()
      await this.#go('code')
    } else await this.done?.()
  }

  #code = async (values: FormValues): Promise<void> => {
    await api.post('/auth/totp', { code: String(values.code).replaceAll(' ', '') })
    await this.done?.()
  }

  async #go(step: Step): Promise<void> {
    this.step = step
    await this.#focusField()
  }

  #startOver = async (): Promise<void> => {
    await api.post('/auth/logout').catch(() => undefined)
    await loadSession()
    await this.#go('password')
  }

  override firstUpdated(): void {
    void this.#focusField()
  }

  async #focusField(): Promise<void> {
    await this.updateComplete
    const field = this.renderRoot.querySelector('nusa-text-field')
    await field?.updateComplete
    field?.focus()
  }

  override render(): TemplateResult {
    return this.step === 'password' ? this.#first() : this.#second()
  }

  #first(): TemplateResult {
    return html`<nusa-front heading=${t('sign-in.heading')} lead=${t('sign-in.lead', { host: location.hostname })}>
      <nusa-form .handle=${this.#password}>
        <nusa-text-field name="username" label=${t('sign-in.username')} autocomplete="username" required></nusa-text-field>
        <nusa-text-field
          name="password"
          type="password"
          label=${t('sign-in.password')}
          autocomplete="current-password"
          required
        ></nusa-text-field>
        <nusa-button variant="primary" type="submit">${t('sign-in.submit')}</nusa-button>
      </nusa-form>
    </nusa-front>`
  }

  #second(): TemplateResult {
    const recovery = this.step === 'recovery'
    return html`<nusa-front
      heading=${t('sign-in.code.heading')}
      lead=${t(recovery ? 'sign-in.recovery.lead' : 'sign-in.code.lead')}
    >
      <nusa-form .handle=${this.#code}>
        <nusa-text-field
          name="code"
          label=${t(recovery ? 'sign-in.recovery' : 'sign-in.code')}
          inputMode=${recovery ? 'text' : 'numeric'}
          autocomplete="one-time-code"
          ?code=${!recovery}
          ?mono=${recovery}
          required
        ></nusa-text-field>
        <nusa-button variant="primary" type="submit">${t('action.continue')}</nusa-button>
        <div class="other">
          <nusa-button small variant="quiet" @click=${() => void this.#go(recovery ? 'code' : 'recovery')}
            >${t(recovery ? 'sign-in.use-code' : 'sign-in.use-recovery')}</nusa-button
          >
          <nusa-button small variant="quiet" @click=${this.#startOver}>${t('sign-in.start-over')}</nusa-button>
        </div>
      </nusa-form>
    </nusa-front>`
  }
}
