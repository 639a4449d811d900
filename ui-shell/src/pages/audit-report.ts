import { formatNumber, NusaElement, say, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import type { AuditReport } from './audit-wire.js'

/** What a verification found, in words: what was compared, what is wrong and where, and what it cannot show. */
@customElement('nusa-audit-report')
export class AuditReportView extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      h3 {
        margin: 18px 0 6px;
      }
      li {
        display: flex;
        gap: 9px;
        padding: 4px 0;
        line-height: 1.5;
      }
      li > div {
        min-width: 0;
        overflow-wrap: anywhere;
      }
      li nusa-icon {
        margin-top: 3px;
        font-size: 0.9rem;
        color: var(--nusa-muted);
      }
      li a {
        text-decoration: underline;
        text-underline-offset: 0.2em;
      }
      .ok nusa-icon {
        color: var(--nusa-success);
      }
      .bad nusa-icon {
        color: var(--nusa-danger);
      }
      ul + p {
        margin-top: 6px;
      }
      .hash {
        overflow-wrap: anywhere;
      }
    `,
  ]
  @property({ attribute: false }) report!: AuditReport
  @property({ attribute: 'checked-at' }) checkedAt = ''

  override render(): TemplateResult {
    const { ok, problems, entries } = this.report
    const heading = ok
      ? t('audit.report.ok', { entries })
      : t(problems.length < 100 ? 'audit.report.bad' : 'audit.report.bad-many', { count: problems.length })
    return html`<nusa-callout tone=${ok ? 'success' : 'danger'} heading=${heading}>
        <p>${t(ok ? 'audit.report.ok.text' : 'audit.report.bad.text')}</p>
      </nusa-callout>
      ${problems.length ? this.#problems() : nothing} ${this.#compared()}
      <h3>${t('audit.report.limits')}</h3>
      <ul>
        ${this.report.limits.map(limit => html`<li><nusa-icon name="info"></nusa-icon><div>${say(limit)}</div></li>`)}
      </ul>`
  }

  #problems(): TemplateResult {
    return html`<h3>${t('audit.report.problems')}</h3>
      <ul class="bad">
        ${this.report.problems.map(
          ({ seq, problem, segment }) => html`<li>
            <nusa-icon name="x-circle"></nusa-icon>
            <div>
              ${
                problem === 'broker'
                  ? t('audit.report.at-journal', { seq: formatNumber(seq) })
                  : html`<a href="/audit?entry=${seq}">${t('audit.report.at', { seq: formatNumber(seq) })}</a>`
              }:
              ${say({ code: `audit.problem.${problem}` })}
              ${segment ? html`<div class="small muted mono">${segment}</div>` : nothing}
            </div>
          </li>`,
        )}
      </ul>`
  }

  #compared(): TemplateResult {
    const { entries, segments, checkpoints, head, limits, problems } = this.report
    const lines = [t('audit.report.entries', { entries })]
    if (segments) lines.push(t('audit.report.segments', { segments }))
    if (checkpoints) lines.push(t('audit.report.checkpoints', { checkpoints }))
    const journal = limits.every(({ code }) => code !== 'audit.limit.no_broker')
    if (journal && problems.every(({ problem }) => problem !== 'broker')) lines.push(t('audit.report.journal'))
    return html`<h3>${t('audit.report.compared')}</h3>
      <ul class="ok">
        ${lines.map(line => html`<li><nusa-icon name="check"></nusa-icon><div>${line}</div></li>`)}
      </ul>
      ${checkpoints ? nothing : html`<p class="small muted">${t('audit.report.checkpoints', { checkpoints })}</p>`}
      ${
        head
          ? html`<p class="small muted hash">
              ${t('audit.report.head', { seq: formatNumber(head.seq) })} <span class="mono">${head.hash}</span>
            </p>`
          : nothing
      }
      <p class="small muted">${t('health.checked')} <nusa-time value=${this.checkedAt}></nusa-time></p>`
  }
}
