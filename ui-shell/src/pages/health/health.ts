import { Loaded, NusaElement, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import type { Check, Examination } from './health-check.js'
import './health-problem.js'
import { signs } from './health-problem.js'

/** How the server is: what is wrong first, each with its remedy; what is well stays short, group by group. */
@customElement('nusa-health-page')
export class HealthPage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .summary {
        display: flex;
        align-items: center;
        gap: 14px;
      }
      .summary > nusa-icon {
        font-size: 1.5rem;
      }
      .summary p {
        color: var(--nusa-muted);
        font-size: var(--nusa-text-sm);
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
      .groups {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr));
        gap: 16px;
        align-items: start;
      }
      .group h3 {
        margin-bottom: 10px;
      }
      .group li {
        display: flex;
        gap: 9px;
        padding: 4px 0;
        font-size: var(--nusa-text-sm);
        line-height: 1.5;
      }
      .group li span {
        min-width: 0;
        overflow-wrap: anywhere;
      }
      .group li nusa-icon {
        font-size: 0.85rem;
        margin-top: 2px;
      }
    `,
  ]
  readonly #examination = new Loaded<Examination>(this, '/health', { worded: true })

  override render(): TemplateResult {
    const { found, error, busy, ask } = this.#examination
    return html`<nusa-page heading=${t('health.heading')} lead=${t('health.lead')}>
      <nusa-button slot="actions" icon="refresh" ?busy=${busy} @click=${ask}>${t('health.again')}</nusa-button>
      ${
        error
          ? html`<nusa-failure .error=${error} .retry=${ask}></nusa-failure>`
          : found
            ? this.#report(found)
            : html`<div class="panel"><nusa-skeleton lines="8"></nusa-skeleton></div>`
      }
    </nusa-page>`
  }

  #report({ checkedAt, items, status }: Examination): TemplateResult {
    const wrong = (['failed', 'warning'] as const).flatMap(each => items.filter(item => item.status === each))
    const groups = Map.groupBy(
      items.filter(item => item.status === 'ok'),
      item => item.group,
    )
    const { icon } = signs[status]
    return html`<div class="stack">
      <section class="panel summary">
        <nusa-icon class=${status} name=${icon}></nusa-icon>
        <div>
          <div role="status">
            <h2>${wrong.length ? t('health.wrong', { count: wrong.length }) : t('health.well')}</h2>
          </div>
          <p>${t('health.checked')} <nusa-time .value=${checkedAt}></nusa-time></p>
        </div>
      </section>
      ${
        wrong.length
          ? html`<section class="stack" aria-label=${t('health.problems')}>${wrong.map(item => html`<nusa-health-problem .check=${item}></nusa-health-problem>`)}</section>`
          : nothing
      }
      <section>
        <h2 class="visually-hidden">${t('health.fine')}</h2>
        <div class="groups">${[...groups].map(([group, fine]) => this.#group(group, fine))}</div>
      </section>
    </div>`
  }

  #group(group: Check['group'], checks: readonly Check[]): TemplateResult {
    return html`<section class="panel group">
      <h3>${t(`health.group.${group}`)}</h3>
      <ul>
        ${checks.map(
          ({ message }) => html`<li>
            <nusa-icon class="ok" name="check"></nusa-icon><span>${message}</span>
          </li>`,
        )}
      </ul>
    </section>`
  }
}
