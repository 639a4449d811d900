import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'
import { formatDate, formatRelative } from '../core/format.js'

const elements = new Set<Time>()
let timer: ReturnType<typeof setInterval> | undefined

/** A moment as people say it, "3 minutes ago", kept right; the exact time on hover. */
@customElement('nusa-time')
export class Time extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: inline;
      }
      time {
        white-space: nowrap;
      }
    `,
  ]
  /** ISO 8601. */
  @property() value: string | null | undefined = ''

  override connectedCallback(): void {
    super.connectedCallback()
    elements.add(this)
    timer ??= setInterval(() => {
      for (const element of elements) element.requestUpdate()
    }, 30_000)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    elements.delete(this)
    if (elements.size || !timer) return
    clearInterval(timer)
    timer = undefined
  }

  override render(): TemplateResult | typeof nothing {
    const date = new Date(this.value ?? '')
    if (Number.isNaN(date.getTime())) return nothing
    return html`<time datetime=${date.toISOString()} title=${formatDate(date)}>${formatRelative(date)}</time>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-time': Time
  }
}
