import { type ChangeRequest, NusaElement } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { SiteCertificate } from '../../api.js'
import { t } from '../texts.js'

/** What is asked before each: heading, text, and the button that does it. */
const questions = {
  renew: { heading: 'ui.renew.heading', text: 'ui.renew.text', action: 'ui.renew' },
  sign: { heading: 'ui.sign.heading', text: 'ui.sign.text', action: 'ui.sign.action' },
  revoke: { heading: 'ui.revoke.heading', text: 'ui.revoke.text', action: 'ui.revoke' },
  off: { heading: 'ui.off.heading', text: 'ui.off.text', action: 'ui.off' },
} as const
export type Question = keyof typeof questions

const reasons = ['unspecified', 'key-compromise', 'superseded', 'cessation-of-operation'] as const
/** After the last key before the plan is made again. Milliseconds. */
const pause = 350

/**
 * Asks before something is done about the certificate of a site, from plan to end. What takes something away wants the site's
 * name typed. Fires `nusa-close`.
 */
@customElement('nusa-ssl-question')
export class CertificateQuestion extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: contents;
      }
      .short {
        max-width: 240px;
      }
    `,
  ]
  @property({ attribute: false }) standing!: SiteCertificate
  @property({ attribute: false }) asking: Question | undefined
  @state() private reason: (typeof reasons)[number] = 'unspecified'
  @state() private days = 30
  /** The plan waits for the end of the typing. */
  @state() private typing = false
  #pause: ReturnType<typeof setTimeout> | undefined

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#pause)
  }

  #closed = (): void => {
    this.reason = 'unspecified'
    this.days = 30
  }

  #request(): ChangeRequest | undefined {
    const path = `/ssl/sites/${this.standing.siteId}`
    switch (this.asking) {
      case 'renew':
        return { method: 'POST', path: `${path}/renew` }
      case 'sign':
        return this.typing ? undefined : { method: 'POST', path: `${path}/self-sign`, body: { days: this.days } }
      case 'revoke':
        return { method: 'POST', path: `${path}/revoke`, body: { reason: this.reason } }
      case 'off':
        return { method: 'DELETE', path }
      default:
        return undefined
    }
  }

  override render(): TemplateResult {
    const { asking } = this
    const domain = this.standing.names[0] ?? ''
    const question = asking && questions[asking]
    return html`<nusa-confirm
      ?open=${asking !== undefined}
      owner="ssl"
      heading=${question ? t(question.heading, { domain: this.standing.domain }) : ''}
      text=${question ? t(question.text) : ''}
      action=${question ? t(question.action) : ''}
      name=${asking === 'off' || asking === 'revoke' ? domain : ''}
      .request=${this.#request()}
      @nusa-close=${this.#closed}
    >
      ${asking === 'sign' ? this.#lifetime() : asking === 'revoke' ? this.#why() : nothing}
    </nusa-confirm>`
  }

  #lifetime(): TemplateResult {
    return html`<nusa-text-field
      class="short"
      type="number"
      label=${t('ui.sign.days')}
      hint=${t('ui.sign.days.hint')}
      value=${this.days}
      @nusa-change=${({ detail }: CustomEvent<{ value?: number }>) => {
        this.days = detail.value ?? 0
        this.typing = true
        clearTimeout(this.#pause)
        this.#pause = setTimeout(() => {
          this.typing = false
        }, pause)
      }}
    ></nusa-text-field>`
  }

  #why(): TemplateResult {
    return html`<nusa-select
      label=${t('ui.revoke.reason')}
      value=${this.reason}
      .options=${reasons.map(reason => ({ value: reason, label: t(`ui.revoke.reason.${reason}`) }))}
      @nusa-change=${({ detail }: CustomEvent<{ value?: string }>) => {
        this.reason = (detail.value ?? 'unspecified') as (typeof reasons)[number]
      }}
    ></nusa-select>`
  }
}
