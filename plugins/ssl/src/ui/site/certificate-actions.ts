import { api, download, type MenuItem, may, NusaElement, toastProblem } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { SiteCertificate } from '../../api.js'
import { t } from '../texts.js'
import type { Chain } from '../wire.js'
import type { Question } from './certificate-question.js'
import type { View } from './site-certificate.js'

const pem = 'application/x-pem-file'

/** What may be done about the certificate of a site: `nusa-ssl-view` for what has a form, `nusa-ssl-ask` for what is asked. */
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
    `,
  ]
  @property({ attribute: false }) standing!: SiteCertificate
  @state() private exporting = false

  #ask(what: Question): void {
    this.emit('nusa-ssl-ask', what)
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
    }`
  }
}
