import { Field } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, query, state } from 'lit/decorators.js'
import { live } from 'lit/directives/live.js'
import { parseDirectives } from '../../server/directives/parse-directives.js'
import { Refusal } from '../../server/input/refusals.js'
import { t } from '../texts.js'

/** After the last key before the text is parsed. Milliseconds. */
const pause = 400

/**
 * Custom directives: lines with numbers, none of them wrapped, the bad one marked. They are parsed as they are typed, by the
 * parser that the server judges with. Tab leaves it, as it leaves every field.
 */
@customElement('nusa-sites-directives-field')
export class DirectivesField extends Field {
  static override styles = [
    ...Field.styles,
    css`
      .frame {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        height: 340px;
        resize: vertical;
        overflow: hidden;
        border: 1px solid var(--nusa-border-strong);
        border-radius: var(--nusa-radius);
        background: var(--nusa-surface);
      }
      .frame:has(:focus-visible) {
        outline: 2px solid var(--nusa-focus);
        border-color: var(--nusa-focus);
      }
      .frame.bad {
        border-color: var(--nusa-danger);
      }
      .numbers,
      textarea {
        padding: 10px 0;
        font-family: var(--nusa-font-mono);
        font-size: 0.82rem;
        line-height: 1.6;
        tab-size: 4;
      }
      .numbers {
        min-width: 44px;
        overflow: hidden;
        background: var(--nusa-sunken);
        color: var(--nusa-muted);
        text-align: right;
        user-select: none;
        font-variant-numeric: tabular-nums;
      }
      .numbers span {
        display: block;
        padding: 0 10px 0 8px;
      }
      .numbers .bad {
        background: var(--nusa-danger-soft);
        color: var(--nusa-danger);
        font-weight: 650;
      }
      textarea {
        width: 100%;
        height: 100%;
        padding-inline: 10px;
        border: 0;
        resize: none;
        background: none;
        color: var(--nusa-text);
        white-space: pre;
        overflow: auto;
      }
      textarea:focus-visible {
        outline: 0;
      }
    `,
  ]
  @property() value = ''
  /** Which line is wrong, from 1; 0 for none. */
  @state() private badLine = 0
  @query('textarea') private area!: HTMLTextAreaElement
  @query('.numbers') private numbers!: HTMLElement
  #timer: ReturnType<typeof setTimeout> | undefined

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  override get formValue(): string {
    return this.value
  }

  override check(): string {
    clearTimeout(this.#timer)
    this.badLine = 0
    try {
      parseDirectives(this.value)
      return ''
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.badLine = Number(error.params.line ?? 0)
      // The list of what is allowed stands below the field.
      return t(
        error.reason === 'directives_unknown' ? 'ui.directives.unknown' : `field.sites.${error.reason}`,
        error.params,
      )
    }
  }

  /** On the bad line, when there is one. */
  override focus(options?: FocusOptions): void {
    this.area.focus(options)
    if (!this.badLine) return
    const lines = this.value.split('\n')
    const start = lines.slice(0, this.badLine - 1).reduce((at, text) => at + text.length + 1, 0)
    this.area.setSelectionRange(start, start + (lines[this.badLine - 1]?.length ?? 0))
    this.area.scrollTop = Math.max(0, ((this.badLine - 4) * this.area.scrollHeight) / lines.length)
  }

  #typed = (): void => {
    this.value = this.area.value
    this.badLine = 0
    this.changed()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.error = this.check()
    }, pause)
  }

  override render(): TemplateResult {
    return html`${this.renderLabel()}
      <div class="frame ${this.error ? 'bad' : ''}">
        <div class="numbers" aria-hidden="true">
          ${this.value.split('\n').map((_, index) => html`<span class=${index + 1 === this.badLine ? 'bad' : ''}>${index + 1}</span>`)}
        </div>
        <textarea
          id="control"
          wrap="off"
          spellcheck="false"
          autocapitalize="off"
          autocomplete="off"
          maxlength="20000"
          .value=${live(this.value)}
          ?disabled=${this.disabled}
          aria-invalid=${this.error ? 'true' : nothing}
          aria-describedby=${this.describedBy}
          @input=${this.#typed}
          @scroll=${() => {
            this.numbers.scrollTop = this.area.scrollTop
          }}
        ></textarea>
      </div>
      ${this.renderNotes()}`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-sites-directives-field': DirectivesField
  }
}
