import {
  ApiProblem,
  api,
  download,
  type FormValues,
  formatDate,
  formatNumber,
  NusaElement,
  t,
  toastProblem,
} from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import type { AuditReport, Checkpoint } from './audit-wire.js'
import './audit-report.js'
import './audit-segments.js'

/** Proves the audit log: verifies it, also against a checkpoint kept elsewhere, makes one to keep, and hands out the whole. */
@customElement('nusa-audit-verify-page')
export class AuditVerifyPage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      h2 {
        margin-bottom: 4px;
      }
      section > p {
        margin-bottom: 14px;
        line-height: 1.5;
      }
      summary {
        width: fit-content;
        cursor: pointer;
        border-radius: 4px;
      }
      details nusa-text-field {
        margin-top: 10px;
      }
      nusa-audit-report {
        display: block;
        margin-top: 18px;
      }
      pre {
        max-height: 240px;
        padding: 10px 12px;
        margin-bottom: 12px;
        overflow: auto;
        border: 1px solid var(--nusa-border);
        border-radius: var(--nusa-radius);
        background: var(--nusa-sunken);
        font-size: 0.78rem;
        line-height: 1.5;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
    `,
  ]
  @state() private report: AuditReport | undefined
  @state() private checkedAt = ''
  @state() private checkpoint: Checkpoint | undefined
  @state() private signing = false

  #verify = async (values: FormValues): Promise<void> => {
    const pasted = String(values.checkpoint ?? '').trim()
    const report = pasted
      ? await api.post<AuditReport>('/audit/verify', { checkpoint: parsed(pasted) })
      : await api.get<AuditReport>('/audit/verify')
    this.report = report
    this.checkedAt = new Date().toISOString()
  }

  #sign = async (): Promise<void> => {
    this.signing = true
    try {
      this.checkpoint = await api.post<Checkpoint>('/audit/checkpoint')
    } catch (error) {
      toastProblem(error)
    } finally {
      this.signing = false
    }
  }

  override render(): TemplateResult {
    return html`<nusa-page narrow heading=${t('audit.verify.heading')} lead=${t('audit.verify.lead')} back="/audit" backLabel=${t('audit.heading')}>
      <div class="stack">
        <section class="panel">
          <h2>${t('audit.verify.check')}</h2>
          <p class="muted">${t('audit.verify.check.text')}</p>
          <nusa-form .handle=${this.#verify}>
            <details>
              <summary>${t('audit.verify.against')}</summary>
              <nusa-text-field
                name="checkpoint"
                label=${t('audit.verify.pasted')}
                hint=${t('audit.verify.pasted.hint')}
                rows="6"
                mono
              ></nusa-text-field>
            </details>
            <div><nusa-button type="submit" variant="primary" icon="shield">${t('audit.verify.submit')}</nusa-button></div>
          </nusa-form>
          <div role="status">
            ${
              this.report
                ? html`<nusa-audit-report .report=${this.report} checked-at=${this.checkedAt}></nusa-audit-report>`
                : nothing
            }
          </div>
        </section>
        <section class="panel">
          <h2>${t('audit.checkpoint')}</h2>
          <p class="muted">${t('audit.checkpoint.text')}</p>
          ${this.checkpoint ? this.#kept(this.checkpoint) : nothing}
          <nusa-button icon="key" ?busy=${this.signing} @click=${this.#sign}
            >${t(this.checkpoint ? 'audit.checkpoint.again' : 'audit.checkpoint.make')}</nusa-button
          >
        </section>
        <section class="panel">
          <h2>${t('audit.export.heading')}</h2>
          <p class="muted">${t('audit.export.text')}</p>
          <nusa-button icon="download" href="/api/v1/audit/export">${t('audit.export')}</nusa-button>
        </section>
        <nusa-audit-segments></nusa-audit-segments>
      </div>
    </nusa-page>`
  }

  #kept(checkpoint: Checkpoint): TemplateResult {
    const text = JSON.stringify(checkpoint, undefined, 2)
    const name = `audit-checkpoint-${checkpoint.seq}.json`
    return html`<p role="status">
        ${t('audit.checkpoint.made', { seq: formatNumber(checkpoint.seq), at: formatDate(new Date(checkpoint.at)) })}
      </p>
      <pre tabindex="0" role="region" aria-label=${t('audit.checkpoint')}>${text}</pre>
      <div class="row actions">
        <nusa-button
          variant="primary"
          icon="download"
          @click=${() => download(name, 'application/json', `${text}\n`)}
          >${t('audit.checkpoint.download')}</nusa-button
        >
        <nusa-copy .value=${text} label=${t('audit.checkpoint.copy')}></nusa-copy>
      </div>`
  }
}

/** @throws ApiProblem about the field */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const message = t('audit.verify.unreadable')
    throw new ApiProblem({
      status: 422,
      code: 'invalid_input',
      fields: [{ path: 'checkpoint', code: 'checkpoint.unreadable', message }],
    })
  }
}
