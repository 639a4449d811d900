import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { live } from 'lit/directives/live.js'
import { Field } from './field.js'
import type { Option } from './select.js'
import './icon.js'

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
    'nusa-radio-cards': RadioCards
  }
}
