import { css, html, nothing, type TemplateResult } from 'lit'
import { property } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'
import { t } from '../core/messages.js'

/**
 * What every input of a form is: a name, a value, a label, a hint, and an error that stands beside it. Label, hint and error
 * live in one shadow root with the control, so that they are tied to it for assistive technology.
 */
export abstract class Field extends NusaElement {
  static override shadowRootOptions: ShadowRootInit = { mode: 'open', delegatesFocus: true }
  static override styles = [
    ...NusaElement.styles,
    css`
      .label {
        display: flex;
        align-items: baseline;
        gap: 6px;
        margin-bottom: 5px;
        font-size: var(--nusa-text-md);
        font-weight: 560;
      }
      .optional {
        font-weight: 400;
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
      }
      .control {
        width: 100%;
        min-height: calc(var(--nusa-control) + 2px);
        padding: 6px 10px;
        border: 1px solid var(--nusa-border-strong);
        border-radius: var(--nusa-radius);
        background: var(--nusa-surface);
        color: var(--nusa-text);
        font-size: var(--nusa-text-md);
        line-height: 1.4;
      }
      .control:focus-visible {
        outline: 2px solid var(--nusa-focus);
        outline-offset: 0;
        border-color: var(--nusa-focus);
      }
      .control[aria-invalid='true'] {
        border-color: var(--nusa-danger);
      }
      .control:disabled {
        background: var(--nusa-sunken);
        color: var(--nusa-muted);
        cursor: not-allowed;
      }
      .control::placeholder {
        color: var(--nusa-muted);
        opacity: 0.85;
      }
      .hint {
        margin-top: 5px;
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
      }
      .error {
        display: flex;
        gap: 5px;
        margin-top: 5px;
        font-size: var(--nusa-text-sm);
        color: var(--nusa-danger);
      }
      .error nusa-icon {
        margin-top: 1px;
      }
      .remedy {
        display: block;
        color: var(--nusa-muted);
      }
    `,
  ]

  @property() name = ''
  @property() label = ''
  @property() hint = ''
  /** Shown beside the field and tied to it; empty when it is fine. */
  @property() error = ''
  /** What to do about the error. */
  @property() remedy = ''
  @property({ type: Boolean }) required = false
  @property({ type: Boolean, reflect: true }) disabled = false
  /** Shows the word "optional" after the label. */
  @property({ type: Boolean }) optional = false

  /** What the form sends; undefined leaves the key out. */
  abstract get formValue(): unknown

  /** What is wrong with the value as far as the browser can tell; empty when nothing. */
  check(): string {
    const value = this.formValue
    return this.required && (value === undefined || value === '') ? t('field.required') : ''
  }

  /** Tells the form that the value changed; an error about the old value goes. */
  protected changed(): void {
    this.error = ''
    this.remedy = ''
    this.emit('nusa-change', { name: this.name, value: this.formValue })
  }

  protected get describedBy(): string | typeof nothing {
    return [this.hint && 'hint', this.error && 'error'].filter(Boolean).join(' ') || nothing
  }

  protected renderLabel(): TemplateResult | typeof nothing {
    if (!this.label) return nothing
    const optional = this.optional ? html`<span class="optional">${t('field.optional')}</span>` : nothing
    return html`<label class="label" for="control">${this.label} ${optional}</label>`
  }

  protected renderNotes(): TemplateResult {
    return html`
      ${this.hint ? html`<p class="hint" id="hint">${this.hint}</p>` : nothing}
      ${this.error ? html`<p class="error" id="error"><nusa-icon name="alert"></nusa-icon><span>${this.error}${this.remedy ? html` <span class="remedy">${this.remedy}</span>` : nothing}</span></p>` : nothing}
    `
  }
}
