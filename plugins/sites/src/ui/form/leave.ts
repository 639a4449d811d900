import { holdPage, NusaElement } from '@nusantara/sdk/ui'
import { html, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { t } from '../texts.js'

/** Asks before the page is left while something in it is unsaved. */
@customElement('nusa-sites-leave')
export class Leave extends NusaElement {
  @property({ type: Boolean }) unsaved = false
  @state() private leave: (() => void) | undefined
  #letGo: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#hold()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#letGo?.()
    this.#letGo = undefined
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('unsaved')) this.#hold()
  }

  #hold(): void {
    this.#letGo?.()
    this.#letGo = this.unsaved
      ? holdPage(leave => {
          this.leave = leave
        })
      : undefined
  }

  #stay = (): void => {
    this.leave = undefined
  }

  #go = (): void => {
    const go = this.leave
    this.#stay()
    go?.()
  }

  override render(): TemplateResult {
    return html`<nusa-dialog heading=${t('ui.leave.heading')} ?open=${this.leave !== undefined} @nusa-close=${this.#stay}>
      <p>${t('ui.leave.text')}</p>
      <nusa-button slot="footer" @click=${this.#go}>${t('ui.leave.go')}</nusa-button>
      <nusa-button slot="footer" variant="primary" @click=${this.#stay}>${t('ui.leave.stay')}</nusa-button>
    </nusa-dialog>`
  }
}
