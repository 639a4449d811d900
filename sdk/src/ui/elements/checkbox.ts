import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { live } from 'lit/directives/live.js'
import { t } from '../core/messages.js'
import { Field } from './field.js'

/** Yes or no; with `required` only yes will do. */
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

declare global {
  interface HTMLElementTagNameMap {
    'nusa-checkbox': Checkbox
  }
}
