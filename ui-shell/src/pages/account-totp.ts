import {
  api,
  type FormValues,
  loadSession,
  NusaElement,
  onSession,
  session,
  t,
  toast,
  toastProblem,
} from '@nusantara/sdk/ui'
import { css, html, svg, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'

interface Enrolment {
  readonly secret: string
  readonly uri: string
  /** Rows of the QR code, true is dark. */
  readonly qr: readonly (readonly boolean[])[]
}

/** The second factor: turn it on with a QR code and a first code, keep the recovery codes, turn it off. */
@customElement('nusa-account-totp')
export class AccountTotp extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .panel {
        display: flex;
        flex-direction: column;
        gap: 14px;
      }
      .enrol {
        display: grid;
        grid-template-columns: auto minmax(220px, 1fr);
        gap: 24px;
        align-items: start;
      }
      @media (max-width: 600px) {
        .enrol {
          grid-template-columns: minmax(0, 1fr);
        }
      }
      svg {
        width: 190px;
        height: 190px;
        border-radius: 8px;
        background: #fff;
        fill: #000;
        shape-rendering: crispEdges;
      }
      .secret {
        overflow-wrap: anywhere;
      }
      ol {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(150px, 1fr));
        gap: 6px 16px;
        padding: 12px 14px;
        border-radius: var(--nusa-radius);
        background: var(--nusa-sunken);
      }
    `,
  ]
  @state() private enrolment: Enrolment | undefined
  @state() private codes: readonly string[] | undefined
  @state() private busy = false
  #stop: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stop = onSession(() => this.requestUpdate())
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
  }

  async #do(run: () => Promise<void>): Promise<void> {
    this.busy = true
    try {
      await run()
    } catch (error) {
      toastProblem(error)
    } finally {
      this.busy = false
    }
  }

  #enrol = () =>
    this.#do(async () => {
      this.enrolment = await api.post<Enrolment>('/auth/totp/enroll')
    })

  #disable = () =>
    this.#do(async () => {
      await api.delete('/auth/totp')
      await loadSession()
      toast(t('totp.disabled'))
    })

  #renew = () =>
    this.#do(async () => {
      this.codes = (await api.post<{ recoveryCodes: readonly string[] }>('/auth/recovery-codes')).recoveryCodes
    })

  #confirm = async (values: FormValues): Promise<void> => {
    const code = String(values.code).replaceAll(' ', '')
    const answer = await api.post<{ recoveryCodes: readonly string[] }>('/auth/totp/confirm', { code })
    this.codes = answer.recoveryCodes
    this.enrolment = undefined
    await loadSession()
    toast(t('totp.enabled'), { tone: 'success' })
  }

  override render(): TemplateResult {
    const on = session().user?.totp ?? false
    return html`<section class="panel">
      <div class="spread">
        <h2>${t('totp.heading')}</h2>
        <nusa-badge tone=${on ? 'success' : 'neutral'} icon=${on ? 'check' : 'pause'}>${t(on ? 'totp.on' : 'totp.off')}</nusa-badge>
      </div>
      <p class="muted">${t('totp.text')}</p>
      ${this.codes ? this.#codes(this.codes) : this.enrolment ? this.#enrolling(this.enrolment) : this.#buttons(on)}
    </section>`
  }

  #buttons(on: boolean): TemplateResult {
    if (!on)
      return html`<div><nusa-button icon="shield" ?busy=${this.busy} @click=${this.#enrol}>${t('totp.enable')}</nusa-button></div>`
    return html`<div class="row">
      <nusa-button icon="key" ?busy=${this.busy} @click=${this.#renew}>${t('totp.renew')}</nusa-button>
      <nusa-button variant="quiet" ?busy=${this.busy} @click=${this.#disable}>${t('totp.disable')}</nusa-button>
    </div>`
  }

  #enrolling(enrolment: Enrolment): TemplateResult {
    const size = enrolment.qr.length
    const dots = enrolment.qr
      .map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')).join(''))
      .join('')
    return html`<div class="enrol">
      ${svg`<svg viewBox="0 0 ${size} ${size}" role="img" aria-label=${t('totp.qr')}><path d=${dots} /></svg>`}
      <div class="stack">
        <p>${t('totp.scan')}</p>
        <p class="secret"><code>${enrolment.secret}</code> <nusa-copy value=${enrolment.secret} label=${t('totp.copy-secret')}></nusa-copy></p>
        <nusa-form .handle=${this.#confirm}>
          <nusa-text-field
            name="code"
            label=${t('sign-in.code')}
            inputMode="numeric"
            autocomplete="one-time-code"
            code
            required
          ></nusa-text-field>
          <div class="row">
            <nusa-button variant="primary" type="submit">${t('totp.confirm')}</nusa-button>
            <nusa-button
              variant="quiet"
              @click=${() => {
                this.enrolment = undefined
              }}
              >${t('action.cancel')}</nusa-button
            >
          </div>
        </nusa-form>
      </div>
    </div>`
  }

  #codes(codes: readonly string[]): TemplateResult {
    return html`<nusa-callout tone="warning" heading=${t('totp.codes.heading')}>${t('totp.codes.text')}</nusa-callout>
      <ol aria-label=${t('totp.codes.heading')}>
        ${codes.map(code => html`<li class="mono">${code}</li>`)}
      </ol>
      <div class="row">
        <nusa-button
          variant="primary"
          @click=${() => {
            this.codes = undefined
          }}
          >${t('totp.codes.kept')}</nusa-button
        >
        <nusa-copy value=${codes.join('\n')} label=${t('totp.codes.copy')}></nusa-copy>
      </div>`
  }
}
