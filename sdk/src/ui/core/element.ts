import { type CSSResult, LitElement } from 'lit'
import { base } from '../styles/base.js'
import { onMessages } from './messages.js'

/** What elements of the shell and of plugins extend: the kit's styles, and a new rendering when the language changes. */
export class NusaElement extends LitElement {
  static override styles: CSSResult[] = [base]
  #stop: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stop = onMessages(() => this.requestUpdate())
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
  }

  /** Fires an event that leaves shadow roots. */
  protected emit<T>(name: string, detail?: T): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: true }))
  }
}
