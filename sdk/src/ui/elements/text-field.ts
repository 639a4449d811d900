import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { live } from 'lit/directives/live.js'
import { t } from '../core/messages.js'
import { Field } from './field.js'
import './button.js'

/** One line of text, or several with `rows`. */
@customElement('nusa-text-field')
export class TextField extends Field {
  static override styles = [
    ...Field.styles,
    css`
      .wrap {
        position: relative;
        display: flex;
        align-items: stretch;
      }
      .affix {
        display: flex;
        align-items: center;
        padding-inline: 10px;
        border: 1px solid var(--nusa-border-strong);
        border-right: 0;
        border-radius: var(--nusa-radius) 0 0 var(--nusa-radius);
        background: var(--nusa-sunken);
        color: var(--nusa-muted);
        font-size: var(--nusa-text-md);
      }
      .affix + .control {
        border-top-left-radius: 0;
        border-bottom-left-radius: 0;
      }
      .reveal {
        position: absolute;
        right: 3px;
        top: 4px;
      }
      .with-reveal {
        padding-right: 40px;
      }
      .mono {
        font-family: var(--nusa-font-mono);
        font-size: 0.85rem;
      }
      .code {
        font-size: 1.25rem;
        letter-spacing: 0.3em;
        font-family: var(--nusa-font-mono);
      }
      textarea.control {
        resize: vertical;
      }
    `,
  ]

  @property() value = ''
  @property() type: 'text' | 'password' | 'email' | 'url' | 'number' | 'search' | 'date' = 'text'
  @property() placeholder = ''
  @property() override autocapitalize = 'off'
  @property() autocomplete: AutoFill = 'off'
  @property() override inputMode = ''
  @property() prefixText = ''
  /** What the browser offers while one types. */
  @property({ attribute: false }) suggestions: readonly string[] = []
  @property({ type: Number }) rows = 0
  @property({ type: Number }) maxlength?: number
  @property({ type: Boolean }) mono = false
  /** Large and spaced, for one-time codes. */
  @property({ type: Boolean }) code = false
  /** A password is shown as it is. */
  @property({ type: Boolean }) revealed = false

  override get formValue(): string | number | undefined {
    if (this.type === 'password') return this.value
    const text = this.value.trim()
    if (this.type === 'number' && text !== '') return Number(text)
    return text === '' && !this.required ? undefined : text
  }

  override check(): string {
    return super.check() || (Number.isNaN(this.formValue) ? t('field.number') : '')
  }

  override render(): TemplateResult {
    return html`${this.renderLabel()}
      <div class="wrap">
        ${this.prefixText ? html`<span class="affix">${this.prefixText}</span>` : nothing}
        ${this.rows ? this.#area() : this.#input()}
        ${
          this.type === 'password'
            ? html`<nusa-button
                class="reveal"
                small
                bare
                variant="quiet"
                icon=${this.revealed ? 'eye-off' : 'eye'}
                label=${t(this.revealed ? 'field.hide' : 'field.show')}
                @click=${() => {
                  this.revealed = !this.revealed
                }}
              ></nusa-button>`
            : nothing
        }
      </div>
      ${this.renderNotes()}`
  }

  #input(): TemplateResult {
    const classes = `control ${this.type === 'password' ? 'with-reveal' : ''} ${this.mono ? 'mono' : ''} ${this.code ? 'code' : ''}`
    return html`<input
      id="control"
      class=${classes}
      type=${this.revealed ? 'text' : this.type === 'number' ? 'text' : this.type}
      inputmode=${(this.type === 'number' ? 'numeric' : this.inputMode) || nothing}
      name=${this.name || nothing}
      .value=${live(this.value)}
      placeholder=${this.placeholder || nothing}
      autocomplete=${this.autocomplete}
      autocapitalize=${this.autocapitalize}
      spellcheck="false"
      maxlength=${this.maxlength ?? nothing}
      ?disabled=${this.disabled}
      aria-required=${this.required ? 'true' : nothing}
      aria-invalid=${this.error ? 'true' : nothing}
      aria-describedby=${this.describedBy}
      list=${this.suggestions.length ? 'suggestions' : nothing}
      @input=${this.#typed}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key === 'Enter' && !event.isComposing) this.emit('nusa-request-submit')
      }}
    />${
      this.suggestions.length
        ? html`<datalist id="suggestions">${this.suggestions.map(value => html`<option value=${value}></option>`)}</datalist>`
        : nothing
    }`
  }

  #area(): TemplateResult {
    return html`<textarea
      id="control"
      class="control ${this.mono ? 'mono' : ''}"
      rows=${this.rows}
      name=${this.name || nothing}
      .value=${live(this.value)}
      placeholder=${this.placeholder || nothing}
      spellcheck="false"
      ?disabled=${this.disabled}
      aria-required=${this.required ? 'true' : nothing}
      aria-invalid=${this.error ? 'true' : nothing}
      aria-describedby=${this.describedBy}
      @input=${this.#typed}
    ></textarea>`
  }

  #typed = (event: Event): void => {
    this.value = (event.target as HTMLInputElement).value
    this.changed()
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-text-field': TextField
  }
}
