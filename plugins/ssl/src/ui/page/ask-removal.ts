import { type ApiProblem, asProblem, NusaElement } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { t } from '../texts.js'

/** Asks before an entry of a list is removed; a refusal is shown where the question was. Fires `nusa-close`. */
@customElement('nusa-ssl-ask-removal')
export class AskRemoval extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: contents;
      }
    `,
  ]
  /** What is removed; empty while nothing is asked. */
  @property() name = ''
  @property() text = ''
  @property({ attribute: false }) run?: () => Promise<void>
  @state() private busy = false
  @state() private problem: ApiProblem | undefined

  #close = (event?: Event): void => {
    event?.stopPropagation()
    this.problem = undefined
    this.emit('nusa-close')
  }

  #go = async (): Promise<void> => {
    this.busy = true
    this.problem = undefined
    try {
      await this.run?.()
      this.#close()
    } catch (error) {
      this.problem = asProblem(error)
    } finally {
      this.busy = false
    }
  }

  override render(): TemplateResult {
    return html`<nusa-dialog ?open=${this.name !== ''} heading=${t('ui.remove.heading', { name: this.name })} @nusa-close=${this.#close}>
      <div class="stack">
        ${
          this.problem
            ? html`<nusa-callout tone="danger" alert heading=${this.problem.reason}>${this.problem.remedy ?? nothing}</nusa-callout>`
            : nothing
        }
        <p>${this.text}</p>
      </div>
      <nusa-button slot="footer" @click=${this.#close}>${t('action.cancel')}</nusa-button>
      <nusa-button slot="footer" variant="danger" ?busy=${this.busy} @click=${this.#go}>${t('ui.remove')}</nusa-button>
    </nusa-dialog>`
  }
}
