import { Loaded, NusaElement, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import type { Check, Examination } from './health-check.js'

const shown = 4
const signs = { failed: 'x-circle', warning: 'alert', ok: 'check-circle' } as const

/** What asks for attention on this server, worst first. */
@customElement('nusa-health-card')
export class HealthCard extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .sum {
        display: flex;
        align-items: center;
        gap: 9px;
        font-weight: 560;
      }
      li {
        display: flex;
        gap: 9px;
        padding: 7px 0;
        border-top: 1px solid var(--nusa-border);
        font-size: var(--nusa-text-sm);
        line-height: 1.5;
      }
      ul {
        margin-top: 10px;
      }
      li span {
        min-width: 0;
        overflow-wrap: anywhere;
      }
      nusa-icon {
        margin-top: 3px;
        flex: none;
      }
      .sum nusa-icon {
        margin: 0;
        font-size: 1.1rem;
      }
      .ok {
        color: var(--nusa-success);
      }
      .warning {
        color: var(--nusa-warning);
      }
      .failed {
        color: var(--nusa-danger);
      }
      .more {
        margin-top: 8px;
      }
    `,
  ]
  readonly #examination = new Loaded<Examination>(this, '/health', { worded: true })

  override render(): TemplateResult {
    const { found, error, ask } = this.#examination
    return html`<nusa-card heading=${t('health.heading')} icon="shield" href="/health">
      ${
        error
          ? html`<nusa-failure .error=${error} .retry=${ask}></nusa-failure>`
          : found
            ? this.#report(found)
            : html`<nusa-skeleton lines="3"></nusa-skeleton>`
      }
    </nusa-card>`
  }

  #report({ items, status }: Examination): TemplateResult {
    const wrong = (['failed', 'warning'] as const).flatMap(each => items.filter(item => item.status === each))
    return html`<p class="sum">
        <nusa-icon class=${status} name=${signs[status]}></nusa-icon>
        ${wrong.length ? t('health.wrong', { count: wrong.length }) : t('health.well')}
      </p>
      ${wrong.length ? html`<ul>${wrong.slice(0, shown).map(item => this.#item(item))}</ul>` : nothing}
      ${
        wrong.length > shown
          ? html`<p class="more small"><a href="/health">${t('overview.health.more', { count: wrong.length - shown })}</a></p>`
          : nothing
      }`
  }

  #item({ status, message }: Check): TemplateResult {
    return html`<li>
      <nusa-icon class=${status} name=${signs[status]} label=${t(`health.status.${status}`)}></nusa-icon>
      <span>${message}</span>
    </li>`
  }
}
