import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'
import type { Tone } from '../core/toast.js'
import './icon.js'

const icons: Readonly<Record<Tone, string>> = {
  neutral: 'info',
  info: 'info',
  success: 'check-circle',
  warning: 'alert',
  danger: 'x-circle',
}

/** Something the reader should know here: a cause, a remedy, a warning. With `alert` it is announced when it appears. */
@customElement('nusa-callout')
export class Callout extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .box {
        display: flex;
        gap: 10px;
        padding: 11px 14px;
        border-radius: var(--nusa-radius);
        background: var(--soft);
        border: 1px solid color-mix(in srgb, var(--strong) 28%, transparent);
        font-size: var(--nusa-text-md);
        line-height: 1.5;
      }
      nusa-icon {
        color: var(--strong);
        margin-top: 1px;
        font-size: 1rem;
      }
      .body {
        min-width: 0;
        flex: 1;
        overflow-wrap: anywhere;
      }
      .heading {
        font-weight: 600;
      }
      :host,
      :host([tone='neutral']) {
        --soft: var(--nusa-sunken);
        --strong: var(--nusa-muted);
      }
      :host([tone='info']) {
        --soft: var(--nusa-info-soft);
        --strong: var(--nusa-info);
      }
      :host([tone='success']) {
        --soft: var(--nusa-success-soft);
        --strong: var(--nusa-success);
      }
      :host([tone='warning']) {
        --soft: var(--nusa-warning-soft);
        --strong: var(--nusa-warning);
      }
      :host([tone='danger']) {
        --soft: var(--nusa-danger-soft);
        --strong: var(--nusa-danger);
      }
    `,
  ]
  @property({ reflect: true }) tone: Tone = 'neutral'
  @property() heading = ''
  @property({ type: Boolean }) alert = false

  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector<HTMLElement>('.box')?.focus(options)
  }

  override render(): TemplateResult {
    return html`<div class="box" tabindex="-1" role=${this.alert ? 'alert' : nothing}>
      <nusa-icon name=${icons[this.tone]}></nusa-icon>
      <div class="body">
        ${this.heading ? html`<p class="heading">${this.heading}</p>` : nothing}
        <slot></slot>
      </div>
    </div>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-callout': Callout
  }
}
