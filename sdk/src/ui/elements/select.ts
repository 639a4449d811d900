import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { Field } from './field.js'
import './icon.js'

/** One of the choices of `nusa-select` and `nusa-radio-cards`; the second shows its description and icon. */
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

declare global {
  interface HTMLElementTagNameMap {
    'nusa-select': Select
  }
}
