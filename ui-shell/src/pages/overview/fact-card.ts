import { formatNumber, NusaElement, say, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import type { FactCard as Facts } from './facts.js'

/** What a plugin shows of itself, in the looks of the shell. */
@customElement('nusa-fact-card')
export class FactCard extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .figures {
        display: flex;
        flex-wrap: wrap;
        gap: 6px 26px;
        margin-bottom: 10px;
      }
      .figures div {
        display: flex;
        flex-direction: column-reverse;
      }
      dt {
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
      }
      dd {
        font-size: 1.55rem;
        font-weight: 620;
        line-height: 1.2;
        letter-spacing: -0.02em;
        font-variant-numeric: tabular-nums;
      }
      .warning {
        color: var(--nusa-warning);
      }
      .danger {
        color: var(--nusa-danger);
      }
      .success {
        color: var(--nusa-success);
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 2px 10px;
        padding: 7px 0;
        border-top: 1px solid var(--nusa-border);
        font-size: var(--nusa-text-sm);
      }
      .alone li:first-child {
        border: 0;
      }
      .text {
        flex: 1 1 120px;
        min-width: 0;
        color: var(--nusa-text);
        overflow-wrap: anywhere;
      }
    `,
  ]
  @property({ attribute: false }) facts!: Facts

  override render(): TemplateResult {
    const { plugin, title, icon, href, figures = [], rows = [], action } = this.facts
    return html`<nusa-card heading=${say(title, plugin)} icon=${icon} href=${href}>
      ${
        figures.length
          ? html`<dl class="figures">
              ${figures.map(
                ({ label, value, tone }) => html`<div>
                  <dt>${say(label, plugin)}</dt>
                  <dd class=${tone ?? ''}>${formatNumber(value)}</dd>
                </div>`,
              )}
            </dl>`
          : nothing
      }
      ${rows.length ? html`<ul class=${figures.length ? '' : 'alone'}>${rows.map(row => this.#row(row))}</ul>` : nothing}
      ${action ? html`<nusa-button variant="primary" icon="plus" href=${action.href}>${say(action.label, plugin)}</nusa-button>` : nothing}
      ${figures.length || rows.length || action ? nothing : html`<p class="small muted">${t('overview.nothing')}</p>`}
    </nusa-card>`
  }

  #row({ text, href, detail, tone }: NonNullable<Facts['rows']>[number]): TemplateResult {
    return html`<li>
      ${href ? html`<a class="text" href=${href}>${text}</a>` : html`<span class="text">${text}</span>`}
      ${detail ? html`<nusa-badge tone=${tone ?? 'neutral'}>${say(detail, this.facts.plugin)}</nusa-badge>` : nothing}
    </li>`
  }
}
