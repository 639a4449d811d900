import { html, type TemplateResult } from 'lit'
import { property } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'
import type { Tone } from '../core/toast.js'
import './badge.js'

export interface StateLook {
  readonly tone: Tone
  readonly icon: string
  /** Something is under way. */
  readonly spin?: boolean
}

/** The state of a thing in a word, an icon and a colour; a subclass says how each state looks and what it is called. */
export abstract class StateBadge<S extends string> extends NusaElement {
  @property() state?: S
  protected abstract readonly looks: Readonly<Record<S, StateLook>>
  protected abstract word(state: S): string

  override render(): TemplateResult {
    if (!this.state) return html``
    // A newer panel may know states that this page does not.
    const { tone, icon, spin = false } = this.looks[this.state] ?? { tone: 'neutral', icon: 'info' }
    return html`<nusa-badge tone=${tone} icon=${icon} ?spin=${spin}>${this.word(this.state)}</nusa-badge>`
  }
}
