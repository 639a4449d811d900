import { may, NusaElement, type Tone, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import type { Check } from './health-check.js'

export const signs: Readonly<Record<Check['status'], { readonly tone: Tone; readonly icon: string }>> = {
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

/** One thing that is wrong: what, what to do about it, the command to copy, the page that mends it. */
@customElement('nusa-health-problem')
export class HealthProblem extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      article {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 4px 12px;
        padding: 14px 16px;
        border: 1px solid var(--nusa-border);
        border-left: 3px solid currentcolor;
        border-radius: var(--nusa-radius);
        background: var(--nusa-surface);
      }
      .warning {
        color: var(--nusa-warning);
      }
      .failed {
        color: var(--nusa-danger);
      }
      article > * {
        grid-column: 2;
      }
      article > nusa-icon {
        grid-column: 1;
        grid-row: 1;
        margin-top: 2px;
      }
      h3,
      p {
        color: var(--nusa-text);
        line-height: 1.5;
        overflow-wrap: anywhere;
      }
      p {
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
    `,
  ]
  @property({ attribute: false }) check!: Check

  override render(): TemplateResult {
    const { id, status, group, plugin, message, remedy, command } = this.check
    const page = Object.hasOwn(pages, id) ? pages[id] : undefined
    return html`<article class=${status}>
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
}
