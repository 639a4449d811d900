import type { ChangeRequest, FormValues, TextField } from '@nusantara/sdk/ui'
import { css, html, type TemplateResult } from 'lit'
import { customElement, property, query, state } from 'lit/decorators.js'
import type { SiteCertificate } from '../../api.js'
import { t } from '../texts.js'
import { ChangeForm } from './change-form.js'

/** More is no certificate; the panel takes 64 KiB. Bytes. */
const mostBytes = 65_536

/** A certificate of one's own: pasted, chosen as files, or dropped; in any order. */
@customElement('nusa-ssl-upload')
export class UploadForm extends ChangeForm {
  static override styles = [
    ...ChangeForm.styles,
    css`
      .drop {
        display: flex;
        flex-direction: column;
        gap: 10px;
        border-radius: var(--nusa-radius-lg);
      }
      .drop.over {
        outline: 2px dashed var(--nusa-focus);
        outline-offset: 6px;
      }
      input[type='file'] {
        display: none;
      }
    `,
  ]
  @property({ attribute: false }) standing!: SiteCertificate
  @state() private over = false
  @query('nusa-text-field') private pem!: TextField
  @query('input[type=file]') private files!: HTMLInputElement

  protected override get label(): string {
    return t('ui.upload')
  }

  protected override get submitText(): string {
    return t('ui.upload.submit')
  }

  protected override request(values: FormValues): ChangeRequest {
    return { method: 'POST', path: `/ssl/sites/${this.standing.siteId}/upload`, body: { pem: values.pem } }
  }

  /** Adds to what is there: certificate, chain and key often are three files. */
  async #read(files: Iterable<File>): Promise<void> {
    const all = [...files]
    if (!all.length) return
    const bytes = all.reduce((sum, { size }) => sum + size, 0)
    if (bytes > mostBytes) {
      this.pem.error = t('ui.upload.large')
      return
    }
    const texts = await Promise.all(all.map(file => file.text()))
    const { pem } = this
    pem.value = [pem.value.trim(), ...texts.map(text => text.trim())].filter(Boolean).join('\n')
    pem.error = ''
    pem.remedy = ''
    this.typed()
    pem.focus()
  }

  #dropped = (event: DragEvent): void => {
    event.preventDefault()
    this.over = false
    void this.#read(event.dataTransfer?.files ?? [])
  }

  protected override fields(): TemplateResult {
    return html`<div
      class="drop ${this.over ? 'over' : ''}"
      @dragover=${(event: DragEvent) => {
        event.preventDefault()
        this.over = true
      }}
      @dragleave=${() => {
        this.over = false
      }}
      @drop=${this.#dropped}
    >
      <nusa-text-field
        name="pem"
        label=${t('ui.upload.pem')}
        hint=${t('ui.upload.pem.hint')}
        placeholder="-----BEGIN CERTIFICATE-----"
        rows="10"
        mono
        required
      ></nusa-text-field>
      <div>
        <input
          type="file"
          multiple
          accept=".pem,.crt,.cer,.key,.txt"
          tabindex="-1"
          aria-hidden="true"
          @change=${() => {
            void this.#read(this.files.files ?? [])
            this.files.value = ''
          }}
        />
        <nusa-button small icon="folder" @click=${() => this.files.click()}>${t('ui.upload.choose')}</nusa-button>
      </div>
    </div>`
  }
}
