import { type ApiProblem, asProblem, NusaElement } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { t } from './texts.js'

/** What is asked before it is done, and what does it. */
export interface Question {
  readonly heading: string
  readonly text: string
  /** What has to be typed before, where something is destroyed. */
  readonly name?: string
  /** Label of the button that does it. */
  readonly action: string
  readonly danger?: boolean
  run(): Promise<void>
}

/** Asks before something happens that is not taken back. A refusal is shown where the question was. Fires `nusa-close`. */
@customElement('nusa-ask')
export class Ask extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: contents;
      }
    `,
  ]
  @property({ attribute: false }) question: Question | undefined
  @state() private typed = ''
  @state() private busy = false
  @state() private problem: ApiProblem | undefined

  #close = (): void => {
    this.question = undefined
    this.typed = ''
    this.problem = undefined
    this.emit('nusa-close')
  }

  #go = async (): Promise<void> => {
    const { question } = this
    if (!question || this.busy || !this.#named(question)) return
    this.busy = true
    this.problem = undefined
    try {
      await question.run()
      this.#close()
    } catch (error) {
      this.problem = asProblem(error)
    } finally {
      this.busy = false
    }
  }

  #named = ({ name }: Question): boolean => !name || this.typed.trim() === name

  override render(): TemplateResult {
    const { question } = this
    return html`<nusa-dialog
      ?open=${question !== undefined}
      heading=${question?.heading ?? ''}
      @nusa-close=${(event: Event) => {
        event.stopPropagation()
        if (this.question) this.#close()
      }}
    >
      ${question ? this.#body(question) : nothing}
    </nusa-dialog>`
  }

  #body(question: Question): TemplateResult {
    const { text, name, action, danger = false } = question
    return html`<div class="stack">
        ${
          this.problem
            ? html`<nusa-callout tone="danger" alert heading=${this.problem.reason}>${this.problem.remedy ?? nothing}</nusa-callout>`
            : nothing
        }
        <p>${text}</p>
        ${
          name
            ? html`<nusa-text-field
              label=${t('confirm.label', { name })}
              mono
              autofocus
              .value=${this.typed}
              @nusa-change=${(event: CustomEvent<{ value?: string }>) => {
                event.stopPropagation()
                this.typed = event.detail.value ?? ''
              }}
              @nusa-request-submit=${(event: Event) => {
                event.stopPropagation()
                void this.#go()
              }}
            ></nusa-text-field>`
            : nothing
        }
      </div>
      <nusa-button slot="footer" @click=${this.#close}>${t('action.cancel')}</nusa-button>
      <nusa-button
        slot="footer"
        variant=${danger ? 'danger' : 'primary'}
        ?disabled=${!this.#named(question)}
        ?busy=${this.busy}
        @click=${this.#go}
        >${action}</nusa-button
      >`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-ask': Ask
  }
}
