import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'
import { t } from '../core/messages.js'
import { type ApiProblem, asProblem } from '../core/problem.js'
import type { Plan } from '../core/wire.js'
import './button.js'
import './callout.js'
import './dialog.js'
import './plan.js'
import './states.js'
import './text-field.js'

/**
 * Before something is destroyed: its plan, and its name to type. Further choices go in the slot. `confirm` is called with the
 * plan's hash once the name is right; the dialog closes when it resolves and shows what it throws. Fires `nusa-close`.
 */
@customElement('nusa-confirm')
export class Confirm extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: contents;
      }
      .body {
        display: flex;
        flex-direction: column;
        gap: var(--nusa-space-4);
      }
      .name {
        padding: 1px 6px;
        border-radius: 5px;
        background: var(--nusa-hover);
        overflow-wrap: anywhere;
      }
      details > summary {
        cursor: pointer;
        font-weight: 560;
        margin-bottom: 10px;
      }
    `,
  ]
  @property({ type: Boolean }) open = false
  @property() heading = ''
  @property() text = ''
  /** What has to be typed. */
  @property() name = ''
  @property() action = ''
  @property() owner = 'kernel'
  /** Absent while it is made. */
  @property({ attribute: false }) plan?: Plan
  @property({ attribute: false }) planError: unknown
  @property({ attribute: false }) confirm?: (planHash: string | undefined) => Promise<void>
  @state() private typed = ''
  @state() private busy = false
  @state() private problem: ApiProblem | undefined

  override render(): TemplateResult {
    const right = this.typed.trim() === this.name
    return html`<nusa-dialog wide ?open=${this.open} heading=${this.heading} @nusa-close=${this.#closed}>
      <div class="body">
        ${this.text ? html`<p>${this.text}</p>` : nothing}
        <slot></slot>
        ${this.#plan()}
        <nusa-text-field
          label=${t('confirm.label')}
          hint=${t('confirm.hint', { name: this.name })}
          mono
          .value=${this.typed}
          @nusa-change=${(event: CustomEvent<{ value: string }>) => {
            event.stopPropagation()
            this.typed = event.detail.value ?? ''
          }}
          @nusa-request-submit=${this.#go}
        ></nusa-text-field>
        ${
          this.problem
            ? html`<nusa-callout tone="danger" alert heading=${this.problem.reason}>${this.problem.remedy ?? nothing}</nusa-callout>`
            : nothing
        }
      </div>
      <nusa-button slot="footer" @click=${this.#close}>${t('action.cancel')}</nusa-button>
      <nusa-button slot="footer" variant="danger" ?disabled=${!right} ?busy=${this.busy} @click=${this.#go}>${this.action}</nusa-button>
    </nusa-dialog>`
  }

  #plan(): TemplateResult {
    if (this.planError) return html`<nusa-failure .error=${this.planError}></nusa-failure>`
    if (!this.plan) return html`<nusa-skeleton></nusa-skeleton>`
    return html`<details open>
      <summary>${t('plan.heading')}</summary>
      <nusa-plan .plan=${this.plan} owner=${this.owner}></nusa-plan>
    </details>`
  }

  #go = async (): Promise<void> => {
    if (this.busy || this.typed.trim() !== this.name) return
    this.busy = true
    this.problem = undefined
    try {
      await this.confirm?.(this.plan?.hash)
      this.#close()
    } catch (error) {
      this.problem = asProblem(error)
    } finally {
      this.busy = false
    }
  }

  #close = (): void => {
    if (!this.open) return
    this.open = false
    this.typed = ''
    this.problem = undefined
    this.emit('nusa-close')
  }

  #closed = (event: Event): void => {
    event.stopPropagation()
    this.#close()
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-confirm': Confirm
  }
}
