import {
  api,
  type FormValues,
  loadSession,
  NusaElement,
  onSession,
  session,
  toast,
  toastProblem,
} from '@nusantara/sdk/ui'
import { css, html, nothing, svg, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './account-recovery-codes.js'
import './people/ask.js'
import type { Question } from './people/ask.js'
import { t } from './people/texts.js'

/** From here on the reader is told to make new ones. */
const fewCodes = 3

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
      .muted {
        max-width: 68ch;
      }
    `,
  ]
  @state() private enrolment: Enrolment | undefined
  @state() private codes: readonly string[] | undefined
  @state() private busy = false
  @state() private question: Question | undefined
  /** Recovery codes that are left. */
  @state() private left: number | undefined
  #stop: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stop = onSession(() => void this.#count())
    void this.#count()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
  }

  async #count(): Promise<void> {
    this.requestUpdate()
    try {
      this.left = (await api.get<{ recoveryCodes: number }>('/auth/totp')).recoveryCodes
    } catch {
      // Told elsewhere; without it no number is shown.
    }
  }

  #enrol = async (): Promise<void> => {
    this.busy = true
    try {
      this.enrolment = await api.post<Enrolment>('/auth/totp/enroll')
    } catch (error) {
      toastProblem(error)
    } finally {
      this.busy = false
    }
  }

  #askToRenew = (): void => {
    this.question = {
      heading: t('totp.renew.heading'),
      text: t('totp.renew.text'),
      action: t('totp.renew'),
      run: async () => {
        this.codes = (await api.post<{ recoveryCodes: readonly string[] }>('/auth/recovery-codes')).recoveryCodes
        await this.#count()
      },
    }
  }

  #askToDisable = (): void => {
    this.question = {
      heading: t('totp.disable.heading'),
      text: t('totp.disable.text'),
      action: t('totp.disable'),
      danger: true,
      run: async () => {
        await api.delete('/auth/totp')
        await loadSession()
        toast(t('totp.disabled'))
      },
    }
  }

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
      ${this.codes ? this.#codes(this.codes) : this.enrolment ? this.#enrolling(this.enrolment) : this.#standing(on)}
      <nusa-ask
        .question=${this.question}
        @nusa-close=${() => {
          this.question = undefined
        }}
      ></nusa-ask>
    </section>`
  }

  #standing(on: boolean): TemplateResult {
    if (!on)
      return html`<div><nusa-button icon="shield" ?busy=${this.busy} @click=${this.#enrol}>${t('totp.enable')}</nusa-button></div>`
    const { left } = this
    return html`${
      left === undefined
        ? nothing
        : left > fewCodes
          ? html`<p>${t('totp.codes.left', { count: left })}</p>`
          : html`<nusa-callout tone="warning" heading=${t('totp.codes.left', { count: left })}>${t('totp.codes.few')}</nusa-callout>`
    }
      <div class="row">
        <nusa-button icon="key" @click=${this.#askToRenew}>${t('totp.renew')}</nusa-button>
        <nusa-button variant="quiet" @click=${this.#askToDisable}>${t('totp.disable')}</nusa-button>
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
        <nusa-form label=${t('totp.heading')} .handle=${this.#confirm}>
          <nusa-text-field
            name="code"
            label=${t('sign-in.code')}
            autofocus
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
    return html`<nusa-recovery-codes
      .codes=${codes}
      @nusa-kept=${() => {
        this.codes = undefined
      }}
    ></nusa-recovery-codes>`
  }
}
