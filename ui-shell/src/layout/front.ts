import { NusaElement } from '@nusantara/sdk/ui'
import { css, html, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import './brand.js'
import './preferences.js'

/** The frame of pages before the app: the name, one card, language and theme. */
@customElement('nusa-front')
export class Front extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        align-items: center;
        min-height: 100dvh;
        padding: clamp(24px, 9vh, 96px) 16px 24px;
      }
      main {
        width: 100%;
        max-width: 420px;
        margin-top: 26px;
        padding: clamp(20px, 5vw, 32px);
        border: 1px solid var(--nusa-border);
        border-radius: 16px;
        background: var(--nusa-surface);
        box-shadow: var(--nusa-shadow-lg);
      }
      h1 {
        margin-bottom: 4px;
      }
      h1:focus {
        outline: none;
      }
      .lead {
        margin-bottom: 22px;
        color: var(--nusa-muted);
      }
      footer {
        display: flex;
        gap: 6px;
        margin-top: 20px;
      }
    `,
  ]
  @property() heading = ''
  @property() lead = ''

  protected override updated(): void {
    document.title = `${this.heading} · Nusantara Panel`
  }

  override render(): TemplateResult {
    return html`<header><nusa-brand large></nusa-brand></header>
      <main>
        <h1 tabindex="-1">${this.heading}</h1>
        <p class="lead">${this.lead}</p>
        <slot></slot>
      </main>
      <footer><nusa-preferences words></nusa-preferences></footer>`
  }
}
