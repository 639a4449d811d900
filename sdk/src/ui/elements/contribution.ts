import { html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { loadElement, onShellInfo, slotEntries } from '../core/contributions.js'
import { NusaElement } from '../core/element.js'
import { t } from '../core/messages.js'
import { ApiProblem } from '../core/problem.js'
import type { SlotEntry } from '../core/wire.js'
import './page.js'
import './states.js'

/**
 * An element of a plugin, loaded when it is first shown. A bundle that is missing, throws or hangs is told here alone; what is
 * around goes on working.
 */
@customElement('nusa-contribution')
export class Contribution extends NusaElement {
  @property() plugin = ''
  @property() element = ''
  /** Set on the element as properties, `{params: {id}}`. */
  @property({ attribute: false }) properties: Readonly<Record<string, unknown>> = {}
  /** It is a whole page, so its failure is one too. */
  @property({ type: Boolean }) page = false
  @state() private error: unknown
  @state() private content: HTMLElement | undefined

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('plugin') || changed.has('element')) void this.#load()
    else if (changed.has('properties') && this.content) Object.assign(this.content, this.properties)
  }

  async #load(): Promise<void> {
    const { plugin, element } = this
    this.error = undefined
    this.content = undefined
    if (!element) return
    try {
      await loadElement(plugin, element)
      if (element !== this.element) return
      this.content = Object.assign(document.createElement(element), this.properties)
    } catch (error) {
      if (element !== this.element) return
      console.error(error)
      const reason = error instanceof Error ? error.message : String(error)
      this.error = new ApiProblem({ status: 0, code: 'bundle_failed', message: reason, params: { plugin, reason } })
    }
  }

  #failure(): TemplateResult {
    const failure = html`<nusa-failure .error=${this.error} .retry=${() => location.reload()}></nusa-failure>`
    return this.page ? html`<nusa-page heading=${t('page.broken')}>${failure}</nusa-page>` : failure
  }

  override render(): TemplateResult | HTMLElement {
    if (this.error) return this.#failure()
    return this.content ?? html`<nusa-skeleton lines="6"></nusa-skeleton>`
  }
}

/** A place that plugins fill: everything contributed to the slot, in order, with the same properties. */
@customElement('nusa-slot')
export class Slot extends NusaElement {
  @property() name = ''
  @property({ attribute: false }) properties: Readonly<Record<string, unknown>> = {}
  @state() private entries: readonly SlotEntry[] = []
  #stop: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stop = onShellInfo(() => {
      this.entries = slotEntries(this.name)
    })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('name')) this.entries = slotEntries(this.name)
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.entries.length) return nothing
    return html`<div class="stack" aria-label=${t('slot.label')} role="group">
      ${this.entries.map(
        entry => html`<nusa-contribution
          plugin=${entry.plugin}
          element=${entry.element}
          .properties=${this.properties}
        ></nusa-contribution>`,
      )}
    </div>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-contribution': Contribution
    'nusa-slot': Slot
  }
}
