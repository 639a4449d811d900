import { download, NusaElement, session } from '@nusantara/sdk/ui'
import { css, html, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { t } from './people/texts.js'
import { printText } from './print.js'

/** Recovery codes, this once: to be copied, kept as a file, or printed. Fires `nusa-kept`. */
@customElement('nusa-recovery-codes')
export class RecoveryCodes extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      ol {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(190px, 1fr));
        gap: 6px 16px;
        margin: 14px 0;
        padding: 14px 16px;
        border-radius: var(--nusa-radius);
        background: var(--nusa-sunken);
      }
    `,
  ]
  @property({ attribute: false }) codes: readonly string[] = []

  /** What the file and the paper say, so that it is known later what they are for. */
  get #text(): string {
    const { username = '' } = session().user ?? {}
    return [t('totp.codes.for', { name: username, host: location.host }), '', ...this.codes, ''].join('\n')
  }

  override render(): TemplateResult {
    return html`<nusa-callout tone="warning" alert heading=${t('totp.codes.heading')}>${t('totp.codes.text')}</nusa-callout>
      <ol aria-label=${t('totp.codes.heading')}>
        ${this.codes.map(code => html`<li class="mono">${code}</li>`)}
      </ol>
      <div class="row">
        <nusa-button variant="primary" @click=${() => this.emit('nusa-kept')}>${t('totp.codes.kept')}</nusa-button>
        <nusa-button
          icon="download"
          @click=${() => download(`nusantara-recovery-codes-${location.hostname}.txt`, 'text/plain;charset=utf-8', this.#text)}
          >${t('totp.codes.download')}</nusa-button
        >
        <nusa-button icon="file-text" @click=${() => printText(this.#text)}>${t('totp.codes.print')}</nusa-button>
        <nusa-copy value=${this.codes.join('\n')} label=${t('totp.codes.copy')}></nusa-copy>
      </div>`
  }
}
