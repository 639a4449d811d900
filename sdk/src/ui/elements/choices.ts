import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { live } from 'lit/directives/live.js'
import { t } from '../core/messages.js'
import { Field } from './field.js'
import './icon.js'

export interface Option {
  readonly value: string
  readonly label: string
  readonly description?: string
  readonly icon?: string
  readonly disabled?: boolean
}

/** The browser's own list of choices. */
@customElement('nusa-select')
export class Select extends Field {
  static override styles = [
    ...Field.styles,
    css`
      .wrap {
        position: relative;
      }
      select.control {
        appearance: none;
        padding-right: 34px;
        cursor: pointer;
      }
      nusa-icon {
        position: absolute;
        right: 10px;
        top: 9px;
        pointer-events: none;
        color: var(--nusa-muted);
      }
      .error nusa-icon {
        position: static;
      }
    `,
  ]
  @property() value = ''
  @property({ attribute: false }) options: readonly Option[] = []

  override get formValue(): string | undefined {
    return this.value === '' ? undefined : this.value
  }

  override render(): TemplateResult {
    return html`${this.renderLabel()}
      <div class="wrap">
        <select
          id="control"
          class="control"
          name=${this.name || nothing}
          ?disabled=${this.disabled}
          aria-invalid=${this.error ? 'true' : nothing}
          aria-describedby=${this.describedBy}
          @change=${(event: Event) => {
            this.value = (event.target as HTMLSelectElement).value
            this.changed()
          }}
        >
          ${this.options.map(
            option =>
              html`<option value=${option.value} ?disabled=${option.disabled ?? false} .selected=${option.value === this.value}>
                ${option.label}
              </option>`,
          )}
        </select>
        <nusa-icon name="chevron-down"></nusa-icon>
      </div>
      ${this.renderNotes()}`
  }
}

@customElement('nusa-checkbox')
export class Checkbox extends Field {
  static override styles = [
    ...Field.styles,
    css`
      label {
        display: flex;
        gap: 9px;
        align-items: flex-start;
        cursor: pointer;
      }
      input {
        width: 17px;
        height: 17px;
        margin: 2px 0 0;
        flex: none;
        accent-color: var(--nusa-accent);
      }
      .hint,
      .error {
        margin-left: 26px;
        margin-top: 2px;
      }
    `,
  ]
  @property({ type: Boolean }) checked = false

  override get formValue(): boolean {
    return this.checked
  }

  override check(): string {
    return this.required && !this.checked ? t('field.required') : ''
  }

  override render(): TemplateResult {
    return html`<label
        ><input
          id="control"
          type="checkbox"
          name=${this.name || nothing}
          .checked=${live(this.checked)}
          ?disabled=${this.disabled}
          aria-invalid=${this.error ? 'true' : nothing}
          aria-describedby=${this.describedBy}
          @change=${(event: Event) => {
            this.checked = (event.target as HTMLInputElement).checked
            this.changed()
          }}
        /><span>${this.label}</span></label
      >${this.renderNotes()}`
  }
}

/** One of a few, each explained: native radio buttons inside cards. */
@customElement('nusa-radio-cards')
export class RadioCards extends Field {
  static override styles = [
    ...Field.styles,
    css`
      .cards {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 165px), 1fr));
        gap: 10px;
      }
      .card {
        position: relative;
        display: flex;
        gap: 10px;
        padding: 12px 14px;
        border: 1px solid color-mix(in srgb, var(--nusa-border-strong) 45%, var(--nusa-border));
        border-radius: var(--nusa-radius-lg);
        background: var(--nusa-surface);
        cursor: pointer;
        transition:
          border-color 120ms ease,
          background-color 120ms ease;
      }
      .card:hover {
        background: var(--nusa-sunken);
      }
      .card:has(:checked) {
        border-color: var(--nusa-accent);
        background: var(--nusa-accent-soft);
        box-shadow: inset 0 0 0 1px var(--nusa-accent);
      }
      .card:has(:focus-visible) {
        outline: 2px solid var(--nusa-focus);
        outline-offset: 2px;
      }
      .card:has(:disabled) {
        cursor: not-allowed;
        background: var(--nusa-sunken);
        color: var(--nusa-muted);
      }
      input {
        position: absolute;
        opacity: 0;
        inset: 0;
        margin: 0;
        cursor: inherit;
      }
      nusa-icon {
        margin-top: 1px;
        font-size: 1.05rem;
        color: var(--nusa-muted);
      }
      .card:has(:checked) nusa-icon {
        color: var(--nusa-on-accent-soft);
      }
      .title {
        display: block;
        font-weight: 600;
        font-size: var(--nusa-text-md);
      }
      .description {
        display: block;
        margin-top: 2px;
        font-size: var(--nusa-text-sm);
        line-height: 1.4;
        color: var(--nusa-muted);
      }
      .card:has(:checked) .description {
        color: var(--nusa-text);
      }
      legend {
        padding: 0;
      }
    `,
  ]
  @property() value = ''
  @property({ attribute: false }) options: readonly Option[] = []

  override get formValue(): string | undefined {
    return this.value === '' ? undefined : this.value
  }

  override render(): TemplateResult {
    return html`<fieldset aria-describedby=${this.describedBy}>
        <legend class="label">${this.label}</legend>
        <div class="cards">${this.options.map(option => this.#card(option))}</div>
      </fieldset>
      ${this.renderNotes()}`
  }

  #card(option: Option): TemplateResult {
    return html`<label class="card">
      <input
        type="radio"
        name="choice"
        value=${option.value}
        .checked=${live(option.value === this.value)}
        ?disabled=${option.disabled ?? this.disabled}
        @change=${() => {
          this.value = option.value
          this.changed()
        }}
      />
      ${option.icon ? html`<nusa-icon name=${option.icon}></nusa-icon>` : nothing}
      <span>
        <span class="title">${option.label}</span>
        ${option.description ? html`<span class="description">${option.description}</span>` : nothing}
      </span>
    </label>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-select': Select
    'nusa-checkbox': Checkbox
    'nusa-radio-cards': RadioCards
  }
}
