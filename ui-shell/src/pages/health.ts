import { api, locale, may, NusaElement, type Tone, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import type { Check, Examination } from './health-check.js'

const signs: Readonly<Record<Check['status'], { readonly tone: Tone; readonly icon: string }>> = {
  failed: { tone: 'danger', icon: 'x-circle' },
  warning: { tone: 'warning', icon: 'alert' },
  ok: { tone: 'success', icon: 'check-circle' },
}

/** Where what a check speaks of is mended. */
const pages: Readonly<Record<string, { readonly href: string; readonly label: string; readonly permission: string }>> =
  {
    drift: { href: '/drift', label: 'nav.drift', permission: 'changes:read' },
    jobs: { href: '/jobs', label: 'nav.jobs', permission: 'jobs:read' },
    leases: { href: '/jobs', label: 'nav.jobs', permission: 'jobs:read' },
    plugins: { href: '/plugins', label: 'nav.plugins', permission: 'plugins:read' },
    taps: { href: '/plugins', label: 'nav.plugins', permission: 'plugins:read' },
  }

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
      .problem {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 4px 12px;
        padding: 14px 16px;
        border: 1px solid var(--nusa-border);
        border-left: 3px solid currentcolor;
        border-radius: var(--nusa-radius);
        background: var(--nusa-surface);
      }
      .problem > * {
        grid-column: 2;
      }
      .problem > nusa-icon {
        grid-column: 1;
        grid-row: 1;
        margin-top: 2px;
      }
      .problem h3,
      .problem p {
        color: var(--nusa-text);
        line-height: 1.5;
        overflow-wrap: anywhere;
      }
      .problem p {
        color: var(--nusa-muted);
      }
      .command {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 8px;
        margin-top: 6px;
        padding: 3px 4px 3px 12px;
        border-radius: var(--nusa-radius);
        background: var(--nusa-sunken);
        color: var(--nusa-text);
      }
      .command code {
        min-width: 0;
        overflow-wrap: anywhere;
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
  @state() private found: Examination | undefined
  @state() private error: unknown
  @state() private busy = false
  /** In which the findings are worded. */
  #language = ''

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#examine()
  }

  protected override willUpdate(): void {
    if (this.found && this.#language !== locale()) void this.#examine()
  }

  #examine = async (): Promise<void> => {
    if (this.busy) return
    this.busy = true
    this.#language = locale()
    try {
      this.found = await api.get<Examination>('/health')
      this.error = undefined
    } catch (error) {
      this.error = error
    } finally {
      this.busy = false
    }
  }

  override render(): TemplateResult {
    return html`<nusa-page heading=${t('health.heading')} lead=${t('health.lead')}>
      <nusa-button slot="actions" icon="refresh" ?busy=${this.busy} @click=${this.#examine}
        >${t('health.again')}</nusa-button
      >
      ${
        this.error
          ? html`<nusa-failure .error=${this.error} .retry=${this.#examine}></nusa-failure>`
          : this.found
            ? this.#report(this.found)
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
          ? html`<section class="stack" aria-label=${t('health.problems')}>${wrong.map(item => this.#problem(item))}</section>`
          : nothing
      }
      <section>
        <h2 class="visually-hidden">${t('health.fine')}</h2>
        <div class="groups">${[...groups].map(([group, fine]) => this.#group(group, fine))}</div>
      </section>
    </div>`
  }

  #problem({ id, status, group, plugin, message, remedy, command }: Check): TemplateResult {
    const page = Object.hasOwn(pages, id) ? pages[id] : undefined
    return html`<article class="problem ${status}">
      <nusa-icon name=${signs[status].icon} label=${t(`health.status.${status}`)}></nusa-icon>
      <h3>${message}</h3>
      ${remedy ? html`<p>${remedy}</p>` : nothing}
      ${
        command
          ? html`<div class="command">
            <code>${command}</code><nusa-copy .value=${command} label=${t('health.copy', { command })}></nusa-copy>
          </div>`
          : nothing
      }
      <p class="small row">
        <span>${plugin ?? t(`health.group.${group}`)}</span>
        ${page && may(page.permission) ? html`<a href=${page.href}>${t(page.label)}</a>` : nothing}
      </p>
    </article>`
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
