import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'
import { hasMessage, say, t } from '../core/messages.js'
import type { Plan, PlanFile } from '../core/wire.js'
import { diffSize } from './diff.js'
import './badge.js'
import './callout.js'
import './icon.js'

const fileTones = { create: 'success', modify: 'info', delete: 'danger' } as const

/** What a change will do, before it is done: steps, files as diffs, commands, packages, services, and what is known only later. */
@customElement('nusa-plan')
export class PlanSheet extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .sheet {
        display: flex;
        flex-direction: column;
        gap: var(--nusa-space-4);
        color: var(--nusa-text);
      }
      .steps {
        display: flex;
        flex-direction: column;
        gap: 7px;
        counter-reset: step;
      }
      .steps li {
        display: flex;
        gap: 9px;
        line-height: 1.5;
        counter-increment: step;
      }
      .steps li::before {
        content: counter(step);
        display: grid;
        place-items: center;
        flex: none;
        width: 20px;
        height: 20px;
        margin-top: 1px;
        border-radius: 50%;
        background: var(--nusa-hover);
        color: var(--nusa-text);
        font-size: var(--nusa-text-xs);
        font-weight: 600;
      }
      h3 {
        margin-bottom: 7px;
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
        font-weight: 560;
      }
      details {
        border: 1px solid var(--nusa-border);
        border-radius: var(--nusa-radius);
        background: var(--nusa-surface);
        overflow: hidden;
      }
      details + details {
        margin-top: 6px;
      }
      summary {
        display: flex;
        align-items: center;
        flex-wrap: wrap;
        gap: 4px 8px;
        padding: 7px 10px;
        cursor: pointer;
        list-style: none;
        font-size: var(--nusa-text-sm);
      }
      summary::-webkit-details-marker {
        display: none;
      }
      summary:focus-visible {
        outline-offset: -2px;
        border-radius: var(--nusa-radius);
      }
      summary .twist {
        color: var(--nusa-muted);
        transition: transform 120ms ease;
      }
      details[open] .twist {
        transform: rotate(90deg);
      }
      .path {
        flex: 1 1 160px;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      .size {
        white-space: nowrap;
        font-variant-numeric: tabular-nums;
        color: var(--nusa-muted);
      }
      .things {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
      }
      .things li {
        padding: 3px 9px;
        border: 1px solid var(--nusa-border);
        border-radius: 99px;
        background: var(--nusa-surface);
        font-size: var(--nusa-text-sm);
      }
    `,
  ]
  @property({ attribute: false }) plan?: Plan
  /** Whose catalogue names the steps. */
  @property() owner = 'kernel'
  /** Opens the first file's diff. */
  @property({ type: Boolean }) expanded = false

  override render(): TemplateResult | typeof nothing {
    const plan = this.plan
    if (!plan) return nothing
    const files = plan.files.filter(file => file.action !== 'none')
    const drifted = files.filter(file => file.drift)
    return html`<div class="sheet">
      ${
        drifted.length
          ? html`<nusa-callout tone="warning" heading=${t('plan.drift', { count: drifted.length })}>
              ${t('plan.drift.text')}
            </nusa-callout>`
          : nothing
      }
      ${plan.steps.length ? html`<ol class="steps">${plan.steps.map(step => html`<li><span>${say(step.summary, this.owner)}</span></li>`)}</ol>` : nothing}
      ${
        files.length
          ? html`<section>
              <h3>${t('plan.files', { count: files.length })}</h3>
              ${files.map((file, index) => this.#file(file, this.expanded && index === 0))}
            </section>`
          : nothing
      }
      ${this.#things(
        'plan.services',
        plan.services.map(service => this.#service(service)),
      )}
      ${this.#operations(plan.operations)}
      ${this.#things(
        'plan.packages',
        plan.packages.map(each => this.#package(each)),
      )}
      ${plan.late ? html`<p class="small muted">${t('plan.late')}</p>` : nothing}
      ${!plan.steps.length && !files.length && !plan.services.length && !plan.operations.length ? html`<p class="muted">${t('plan.nothing')}</p>` : nothing}
    </div>`
  }

  #service(service: Plan['services'][number]): string {
    const verb = `plan.verb.${service.verb}`
    return hasMessage(verb) ? t(verb, { service: service.service }) : `${service.service}: ${service.verb}`
  }

  /** Each with its risk, unless that is low. */
  #operations(operations: Plan['operations']): TemplateResult | typeof nothing {
    if (!operations.length) return nothing
    const risks = new Map(operations.map(({ operation, risk }) => [operation, risk ?? 'low']))
    return html`<section>
      <h3>${t('plan.operations', { count: operations.length })}</h3>
      <ul class="things">
        ${[...risks].map(
          ([operation, risk]) => html`<li>
            ${operation}
            ${
              risk === 'low'
                ? nothing
                : html`<nusa-badge tone=${risk === 'high' ? 'danger' : 'warning'} icon="alert">${t(`plan.risk.${risk}`)}</nusa-badge>`
            }
          </li>`,
        )}
      </ul>
    </section>`
  }

  #package({ action, name, version }: Plan['packages'][number]): string {
    const named = version ? `${name} ${version}` : name
    const key = `plan.package.${action}`
    return hasMessage(key) ? t(key, { name: named }) : named
  }

  #things(key: string, things: readonly string[]): TemplateResult | typeof nothing {
    if (!things.length) return nothing
    return html`<section>
      <h3>${t(key, { count: things.length })}</h3>
      <ul class="things">
        ${[...new Set(things)].map(thing => html`<li>${thing}</li>`)}
      </ul>
    </section>`
  }

  #file(file: PlanFile, open: boolean): TemplateResult {
    const size = diffSize(file.diff)
    const action = `plan.file.${file.action}`
    return html`<details ?open=${open}>
      <summary>
        <nusa-icon class="twist" name="chevron-right"></nusa-icon>
        <span class="path mono">${file.path}</span>
        <span class="size" aria-hidden="true">+${size.added} −${size.removed}</span>
        <nusa-badge tone=${fileTones[file.action as keyof typeof fileTones] ?? 'neutral'}>
          ${hasMessage(action) ? t(action) : file.action}
        </nusa-badge>
      </summary>
      <nusa-diff .diff=${file.diff} label=${t('plan.diff', { path: file.path })}></nusa-diff>
    </details>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-plan': PlanSheet
  }
}
