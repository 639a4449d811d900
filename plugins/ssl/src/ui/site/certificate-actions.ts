import { api, type ChangeRequest, download, type MenuItem, may, NusaElement, toastProblem } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { SiteCertificate } from '../../api.js'
import { t } from '../texts.js'
import type { Chain } from '../wire.js'
import type { View } from './site-certificate.js'

/** What is asked before each: heading, text, and the button that does it. */
const questions = {
  renew: { heading: 'ui.renew.heading', text: 'ui.renew.text', action: 'ui.renew' },
  sign: { heading: 'ui.sign.heading', text: 'ui.sign.text', action: 'ui.sign.action' },
  revoke: { heading: 'ui.revoke.heading', text: 'ui.revoke.text', action: 'ui.revoke' },
  off: { heading: 'ui.off.heading', text: 'ui.off.text', action: 'ui.off' },
} as const
type Question = keyof typeof questions

const reasons = ['unspecified', 'key-compromise', 'superseded', 'cessation-of-operation'] as const
const pem = 'application/x-pem-file'
/** After the last key before the plan is made again. Milliseconds. */
const pause = 350

/**
 * What may be done about the certificate of a site. What takes something away shows its plan and asks for the site's name.
 * Fires `nusa-ssl-view` for what has a form, and `nusa-ssl-asking` while its dialog is open.
 */
@customElement('nusa-ssl-actions')
export class CertificateActions extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .row {
        flex-wrap: nowrap;
        justify-content: flex-end;
      }
      .ways {
        flex-wrap: wrap;
        justify-content: flex-start;
      }
      .short {
        max-width: 240px;
      }
    `,
  ]
  @property({ attribute: false }) standing!: SiteCertificate
  @state() private asking: Question | undefined
  @state() private reason: (typeof reasons)[number] = 'unspecified'
  @state() private days = 30
  /** The plan waits for the end of the typing. */
  @state() private typing = false
  @state() private exporting = false
  #pause: ReturnType<typeof setTimeout> | undefined

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#pause)
    if (this.asking) this.#close()
  }

  #ask(what: Question): void {
    this.asking = what
    this.emit('nusa-ssl-asking', true)
  }

  #close = (): void => {
    this.asking = undefined
    this.reason = 'unspecified'
    this.days = 30
    this.emit('nusa-ssl-asking', false)
  }

  #turn(view: View): void {
    this.emit('nusa-ssl-view', view)
  }

  #export = async (withKey: boolean): Promise<void> => {
    const { siteId, names } = this.standing
    this.exporting = true
    try {
      const path = `/ssl/sites/${siteId}`
      if (withKey) {
        const answer = await api.post<{ pem: string; key: string }>(`${path}/export`)
        download(`${names[0]}-with-key.pem`, pem, `${answer.pem.trim()}\n${answer.key.trim()}\n`)
      } else download(`${names[0]}.pem`, pem, (await api.get<Chain>(`${path}/chain`)).pem)
    } catch (error) {
      toastProblem(error)
    } finally {
      this.exporting = false
    }
  }

  #items(): MenuItem[] {
    const { certificate } = this.standing
    const revocable = certificate?.kind === 'acme' && certificate.state === 'valid'
    return [
      { label: t('ui.issue.anew'), icon: 'refresh', run: () => this.#turn('issue') },
      { label: t('ui.upload'), icon: 'file', run: () => this.#turn('upload') },
      { label: t('ui.sign'), icon: 'edit', run: () => this.#ask('sign') },
      { label: t('ui.export'), icon: 'download', separate: true, run: () => void this.#export(false) },
      ...(certificate?.exportable && may('ssl:export')
        ? [{ label: t('ui.export.key'), icon: 'key', run: () => void this.#export(true) }]
        : []),
      ...(revocable
        ? [{ label: t('ui.revoke'), icon: 'x-circle', danger: true, separate: true, run: () => this.#ask('revoke') }]
        : []),
      { label: t('ui.off'), icon: 'stop', danger: true, separate: !revocable, run: () => this.#ask('off') },
    ]
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
    const { certificate, order } = this.standing
    return html`${
      certificate
        ? html`<div class="row">
          ${order ? html`<nusa-button small icon="refresh" @click=${() => this.#ask('renew')}>${t('ui.renew')}</nusa-button>` : nothing}
          <nusa-menu label=${t('ui.actions')} icon=${this.exporting ? 'progress' : 'more'} .items=${this.#items()}></nusa-menu>
        </div>`
        : html`<div class="row ways">
          <nusa-button icon="file" @click=${() => this.#turn('upload')}>${t('ui.upload')}</nusa-button>
          <nusa-button icon="edit" @click=${() => this.#ask('sign')}>${t('ui.sign')}</nusa-button>
        </div>`
    }
    ${this.#dialog()}`
  }

  #dialog(): TemplateResult {
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
      @nusa-close=${this.#close}
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
