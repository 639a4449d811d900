import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'
import { onConnection } from '../core/live.js'
import { t } from '../core/messages.js'
import { type ApiProblem, asProblem } from '../core/problem.js'
import { onSession, session } from '../core/session.js'
import './button.js'
import './icon.js'

/** Grey lines in the shape of what is loading. */
@customElement('nusa-skeleton')
export class Skeleton extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        padding: var(--nusa-space-2) 0;
      }
      i {
        display: block;
        height: 12px;
        margin: 10px 0;
        border-radius: 6px;
        background: var(--nusa-hover);
        animation: breathe 1.6s ease-in-out infinite;
      }
      i:nth-child(3n + 2) {
        width: 82%;
      }
      i:nth-child(3n) {
        width: 64%;
      }
      @keyframes breathe {
        50% {
          opacity: 0.45;
        }
      }
    `,
  ]
  @property({ type: Number }) lines = 3

  override render(): TemplateResult {
    return html`<div role="status">
      <span class="visually-hidden">${t('state.loading')}</span>
      <div aria-hidden="true">${Array.from({ length: this.lines }, () => html`<i></i>`)}</div>
    </div>`
  }
}

/** A page or list with nothing in it: says what belongs here and what to do next (in the slot). */
@customElement('nusa-empty')
export class Empty extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .box {
        display: flex;
        flex-direction: column;
        align-items: center;
        gap: 6px;
        padding: var(--nusa-space-10) var(--nusa-space-5);
        text-align: center;
      }
      .disc {
        display: grid;
        place-items: center;
        width: 46px;
        height: 46px;
        margin-bottom: 6px;
        border-radius: 50%;
        background: var(--nusa-accent-soft);
        color: var(--nusa-on-accent-soft);
        font-size: 1.15rem;
      }
      p {
        max-width: 46ch;
        color: var(--nusa-muted);
        line-height: 1.5;
      }
      .actions {
        margin-top: 12px;
      }
    `,
  ]
  @property() icon = 'dot'
  @property() heading = ''
  @property() text = ''

  override render(): TemplateResult {
    return html`<div class="box">
      <span class="disc"><nusa-icon name=${this.icon}></nusa-icon></span>
      <h2>${this.heading}</h2>
      ${this.text ? html`<p>${this.text}</p>` : nothing}
      <div class="actions row"><slot></slot></div>
    </div>`
  }
}

/** What could not be shown: cause, remedy, and trying again, which happens by itself once the sign-in or the panel is back. */
@customElement('nusa-failure')
export class Failure extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .box {
        display: flex;
        gap: 14px;
        padding: var(--nusa-space-5);
        border: 1px solid var(--nusa-border);
        border-left: 3px solid var(--nusa-danger);
        border-radius: var(--nusa-radius-lg);
        background: var(--nusa-surface);
      }
      nusa-icon {
        color: var(--nusa-danger);
        font-size: 1.2rem;
      }
      .body {
        min-width: 0;
        overflow-wrap: anywhere;
        line-height: 1.5;
      }
      nusa-button {
        margin-top: 12px;
      }
    `,
  ]
  @property({ attribute: false }) error: unknown
  @property({ attribute: false }) retry?: () => void
  #disposers: (() => void)[] = []

  override connectedCallback(): void {
    super.connectedCallback()
    this.#disposers = [
      onSession(() => {
        const { status } = asProblem(this.error)
        if (status === 401 && session().assurance === 'full') this.retry?.()
      }),
      onConnection(connected => {
        if (connected && asProblem(this.error).passing) this.retry?.()
      }),
    ]
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const dispose of this.#disposers) dispose()
  }

  override render(): TemplateResult {
    const problem: ApiProblem = asProblem(this.error)
    return html`<div class="box" role="alert">
      <nusa-icon name="alert"></nusa-icon>
      <div class="body">
        <h2>${problem.reason}</h2>
        ${problem.remedy ? html`<p class="muted">${problem.remedy}</p>` : nothing}
        ${this.retry ? html`<nusa-button icon="refresh" @click=${() => this.retry?.()}>${t('action.retry')}</nusa-button>` : nothing}
      </div>
    </div>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-skeleton': Skeleton
    'nusa-empty': Empty
    'nusa-failure': Failure
  }
}
