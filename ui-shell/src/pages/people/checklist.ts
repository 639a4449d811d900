import { Field, locale } from '@nusantara/sdk/ui'
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { live } from 'lit/directives/live.js'
import { repeat } from 'lit/directives/repeat.js'
import { t } from './texts.js'

export interface Choice {
  readonly value: string
  readonly label: string
  /** A second, quieter line. */
  readonly note?: string
  /** What to be careful about. */
  readonly warning?: string
  readonly disabled?: boolean
}

export interface ChoiceGroup {
  readonly label?: string
  readonly choices: readonly Choice[]
}

/** From here on there is a search. */
const searchable = 9
/** Boxes in the page at once; the search leads to all others. */
const mostShown = 100

/** Several of many: boxes in groups, with a search where they are many. Its value is a list. */
@customElement('nusa-checklist')
export class Checklist extends Field {
  static override styles = [
    ...Field.styles,
    css`
      legend {
        display: contents;
      }
      .label {
        justify-content: space-between;
      }
      .count {
        font-weight: 400;
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
      }
      .box {
        border: 1px solid color-mix(in srgb, var(--nusa-border-strong) 45%, var(--nusa-border));
        border-radius: var(--nusa-radius);
        background: var(--nusa-surface);
        overflow: hidden;
      }
      .search {
        display: block;
        width: 100%;
        padding: 8px 12px;
        border: 0;
        border-bottom: 1px solid var(--nusa-border);
        background: none;
        font-size: var(--nusa-text-md);
      }
      .search::placeholder {
        color: var(--nusa-muted);
        opacity: 1;
      }
      .search:focus-visible {
        outline-offset: -2px;
      }
      .rows {
        padding: 4px 0;
      }
      :host([short]) .rows {
        max-height: 272px;
        overflow-y: auto;
      }
      .group {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 12px;
        padding: 10px 12px 4px;
        font-size: var(--nusa-text-sm);
        font-weight: 620;
        color: var(--nusa-muted);
      }
      .group:not(:first-child) {
        margin-top: 4px;
        border-top: 1px solid var(--nusa-border);
      }
      .group button {
        padding: 3px 6px;
        margin: 0 -6px 0 0;
        border: 0;
        border-radius: var(--nusa-radius-sm);
        background: none;
        color: var(--nusa-link);
        font-size: var(--nusa-text-sm);
        cursor: pointer;
      }
      .group button:hover {
        background: var(--nusa-hover);
      }
      .row {
        display: flex;
        flex-wrap: nowrap;
        align-items: flex-start;
        gap: 10px;
        padding: 6px 12px;
        cursor: pointer;
      }
      .row:hover {
        background: color-mix(in srgb, var(--nusa-hover) 55%, transparent);
      }
      .row:has(:disabled) {
        cursor: not-allowed;
      }
      .row:has(:focus-visible) {
        outline: 2px solid var(--nusa-focus);
        outline-offset: -2px;
      }
      .row input {
        width: 17px;
        height: 17px;
        margin: 2px 0 0;
        flex: none;
        outline: none;
        accent-color: var(--nusa-accent);
      }
      .text {
        min-width: 0;
        flex: 1;
        overflow-wrap: anywhere;
      }
      .note {
        display: block;
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
      }
      .row nusa-badge {
        margin-top: 1px;
        flex: none;
      }
      .none {
        padding: 8px 12px;
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
      }
    `,
  ]
  /** At first; given again with something else in it, it takes the place of what was chosen. */
  @property({ attribute: false, hasChanged: (a, b) => JSON.stringify(a) !== JSON.stringify(b) })
  chosen: readonly string[] = []
  @property({ attribute: false }) groups: readonly ChoiceGroup[] = []
  /** Keeps the list short; else it is as long as it is. */
  @property({ type: Boolean, reflect: true }) short = false
  /** What stands there where there is nothing to choose. */
  @property() none = ''
  @state() private value: readonly string[] = []
  @state() private search = ''

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('chosen')) this.value = this.chosen
  }

  override get formValue(): readonly string[] {
    return this.value
  }

  override check(): string {
    return this.required && !this.value.length ? t('checklist.required') : ''
  }

  get #all(): readonly Choice[] {
    return this.groups.flatMap(({ choices }) => choices)
  }

  #matches = ({ label, note = '' }: Choice): boolean =>
    `${label}\n${note}`.toLocaleLowerCase(locale()).includes(this.search.trim().toLocaleLowerCase(locale()))

  #choose(values: readonly string[]): void {
    this.value = values
    this.changed()
  }

  override render(): TemplateResult {
    const all = this.#all
    return html`<fieldset aria-describedby=${this.describedBy}>
        <legend><span class="label">
          ${this.label}
          ${all.length ? html`<span class="count">${t('checklist.count', { count: this.value.length, total: all.length })}</span>` : nothing}
        </span></legend>
        <div class="box">
          ${all.length >= searchable ? this.#searchField() : nothing}
          <div class="rows">${all.length ? this.#groups() : html`<p class="none">${this.none}</p>`}</div>
        </div>
      </fieldset>
      ${this.renderNotes()}`
  }

  #searchField(): TemplateResult {
    return html`<input
      class="search"
      type="search"
      autocomplete="off"
      spellcheck="false"
      placeholder=${t('list.search')}
      aria-label=${t('checklist.search', { label: this.label })}
      .value=${live(this.search)}
      @input=${(event: Event) => {
        this.search = (event.target as HTMLInputElement).value
      }}
    />`
  }

  #groups(): TemplateResult {
    let room = mostShown
    let left = 0
    const groups = this.groups.map(group => {
      const found = group.choices.filter(this.#matches)
      const shown = found.slice(0, room)
      room -= shown.length
      left += found.length - shown.length
      return shown.length ? this.#group(group, shown) : nothing
    })
    return html`${groups} ${left ? html`<p class="none">${t('checklist.more', { count: left })}</p>` : nothing}
      ${room === mostShown ? html`<p class="none" role="status">${t('list.no-match')}</p>` : nothing}`
  }

  #group({ label }: ChoiceGroup, choices: readonly Choice[]): TemplateResult {
    return html`${label ? this.#heading(label, choices) : nothing}
      ${repeat(
        choices,
        ({ value }) => value,
        choice => this.#row(choice),
      )}`
  }

  #heading(label: string, choices: readonly Choice[]): TemplateResult {
    const open = choices.filter(({ disabled }) => !disabled).map(({ value }) => value)
    const full = open.every(value => this.value.includes(value))
    const others = this.value.filter(value => !open.includes(value))
    return html`<div class="group">
      <span>${label}</span>
      ${
        open.length > 1 && !this.disabled
          ? html`<button
            type="button"
            aria-label=${t(full ? 'checklist.none-of' : 'checklist.all-of', { label })}
            @click=${() => this.#choose(full ? others : [...others, ...open])}
          >
            ${t(full ? 'checklist.none' : 'checklist.all')}
          </button>`
          : nothing
      }
    </div>`
  }

  #row({ value, label, note, warning, disabled = false }: Choice): TemplateResult {
    return html`<label class="row">
      <input
        type="checkbox"
        value=${value}
        .checked=${live(this.value.includes(value))}
        ?disabled=${this.disabled || disabled}
        @change=${(event: Event) => {
          const { checked } = event.target as HTMLInputElement
          this.#choose(checked ? [...this.value, value] : this.value.filter(other => other !== value))
        }}
      />
      <span class="text">${label}${note ? html`<span class="note">${note}</span>` : nothing}</span>
      ${warning ? html`<nusa-badge tone="warning" icon="alert">${warning}</nusa-badge>` : nothing}
    </label>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-checklist': Checklist
  }
}
