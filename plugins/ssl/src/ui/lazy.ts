import { NusaElement } from '@nusantara/sdk/ui'
import { html, type TemplateResult } from 'lit'
import { property, state } from 'lit/decorators.js'

/** Stands where something large is to be, and brings it when it is first shown. */
export abstract class Lazy extends NusaElement {
  @property({ attribute: false }) siteId = ''
  @state() private loaded = false
  @state() private error: unknown

  /** Loads the module that defines it. */
  protected abstract load(): Promise<unknown>
  protected abstract content(): TemplateResult

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  async #load(): Promise<void> {
    this.error = undefined
    try {
      await this.load()
      this.loaded = true
    } catch (error) {
      this.error = error
    }
  }

  override render(): TemplateResult {
    if (this.error) return html`<nusa-failure .error=${this.error} .retry=${() => void this.#load()}></nusa-failure>`
    return this.loaded ? this.content() : html`<nusa-skeleton lines="6"></nusa-skeleton>`
  }
}
