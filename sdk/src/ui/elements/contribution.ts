import { css, html, type LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { extensionEntries, loadElement, onShellInfo, slotEntries } from '../core/contributions.js'
import { NusaElement } from '../core/element.js'
import { say, t } from '../core/messages.js'
import { ApiProblem } from '../core/problem.js'
import type { SlotEntry } from '../core/wire.js'
import './badge.js'
import './page.js'
import './states.js'

/**
 * An element of a plugin, loaded when it is first shown. A bundle that is missing, throws or hangs, or an element that fails
 * in its first rendering, is told here alone; what is around goes on working.
 */
@customElement('nusa-contribution')
export class Contribution extends NusaElement {
  @property() plugin = ''
  @property() element = ''
  /** Set on the element as properties, `{params: {id}}`. */
  @property({ attribute: false }) properties: Readonly<Record<string, unknown>> = {}
  /** It is a whole page, so its failure is one too. */
  @property({ type: Boolean }) page = false
  /** It stands in a row with others. */
  @property({ type: Boolean }) compact = false
  @state() private error: ApiProblem | undefined
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
      const content = Object.assign(document.createElement(element), this.properties)
      // What a constructor throws is reported by the browser, and an element of no kind comes back.
      if (content instanceof HTMLUnknownElement) throw new Error(`<${element}> cannot be made`)
      this.content = content
      await this.updateComplete
      await (content as Partial<LitElement>).updateComplete
    } catch (error) {
      if (element !== this.element) return
      console.error(error)
      const reason = error instanceof Error ? error.message : String(error)
      this.error = new ApiProblem({ status: 0, code: 'bundle_failed', message: reason, params: { plugin, reason } })
    }
  }

  #failure(problem: ApiProblem): TemplateResult {
    if (this.compact)
      return html`<nusa-badge tone="danger" icon="alert" title=${problem.reason}>${t('slot.broken')}</nusa-badge>`
    const failure = html`<nusa-failure .error=${problem} .retry=${() => void this.#load()}></nusa-failure>`
    return this.page ? html`<nusa-page heading=${t('page.broken')}>${failure}</nusa-page>` : failure
  }

  override render(): TemplateResult | HTMLElement | typeof nothing {
    if (this.error) return this.#failure(this.error)
    if (this.content) return this.content
    return this.compact ? nothing : html`<nusa-skeleton lines=${this.page ? 6 : 2}></nusa-skeleton>`
  }
}

/** Renders again when plugins come and go. */
abstract class Contributed extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .form {
        gap: var(--nusa-space-5);
      }
      legend {
        margin-bottom: var(--nusa-space-3);
        font-size: var(--nusa-text-md);
        font-weight: 620;
      }
    `,
  ]
  @property() name = ''
  @property({ attribute: false }) properties: Readonly<Record<string, unknown>> = {}
  #unlisten: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#unlisten = onShellInfo(() => this.requestUpdate())
    this.requestUpdate()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unlisten?.()
  }

  protected contribution({ plugin, element }: SlotEntry, compact = false): TemplateResult {
    return html`<nusa-contribution
      plugin=${plugin}
      element=${element}
      ?compact=${compact}
      .properties=${this.properties}
    ></nusa-contribution>`
  }
}

/** A place that plugins fill: everything contributed to the slot, in order, with the same properties. */
@customElement('nusa-slot')
export class Slot extends Contributed {
  /** Beside each other and small, for a row of a table: nothing while it loads, one word when it fails. */
  @property({ type: Boolean }) compact = false

  override render(): TemplateResult | typeof nothing {
    const entries = slotEntries(this.name)
    if (!entries.length) return nothing
    return html`<div class=${this.compact ? 'row' : 'stack'} aria-label=${t('slot.label')} role="group">
      ${repeat(
        entries,
        ({ element }) => element,
        entry => this.contribution(entry, this.compact),
      )}
    </div>`
  }
}

/**
 * What plugins add to a form, by the name of its extension token, each below its heading. The `nusa-form` around it finds
 * their fields, so what they name `extensions.<key>.<path>` is part of its values.
 */
@customElement('nusa-extensions')
export class Extensions extends Contributed {
  override render(): TemplateResult | typeof nothing {
    const entries = extensionEntries(this.name)
    if (!entries.length) return nothing
    return html`<div class="stack form">
      ${repeat(
        entries,
        ({ key }) => key,
        entry => html`<fieldset>
          ${entry.title ? html`<legend>${say(entry.title, entry.plugin)}</legend>` : nothing} ${this.contribution(entry)}
        </fieldset>`,
      )}
    </div>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-contribution': Contribution
    'nusa-extensions': Extensions
    'nusa-slot': Slot
  }
}
