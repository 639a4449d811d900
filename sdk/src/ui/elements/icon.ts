import { css, svg, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'
import { icons } from './icons.js'

export type IconName = keyof typeof icons

/** An icon of the kit's set, 1.25em square, in the colour of the text. Decoration unless it has a label. */
@customElement('nusa-icon')
export class Icon extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: inline-flex;
        width: 1.25em;
        height: 1.25em;
        flex: none;
        vertical-align: -0.28em;
      }
      svg {
        width: 100%;
        height: 100%;
        fill: none;
        stroke: currentColor;
        stroke-width: 1.7;
        stroke-linecap: round;
        stroke-linejoin: round;
      }
    `,
  ]

  /** A name that the set lacks shows a plain dot. */
  @property() name = 'dot'
  @property() label = ''

  override render(): TemplateResult {
    const shape = icons[this.name as IconName] ?? icons.dot
    return this.label
      ? svg`<svg viewBox="0 0 24 24" role="img" aria-label=${this.label}>${shape}</svg>`
      : svg`<svg viewBox="0 0 24 24" aria-hidden="true">${shape}</svg>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-icon': Icon
  }
}
