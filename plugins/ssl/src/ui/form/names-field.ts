import { Field, hasMessage, translator } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { live } from 'lit/directives/live.js'
import { t } from '../texts.js'
import type { Finding } from '../wire.js'

const signs = {
  ok: { icon: 'check-circle', tone: 'success' },
  warning: { icon: 'alert', tone: 'warning' },
  failed: { icon: 'x-circle', tone: 'danger' },
} as const
type Status = Finding['status']
const worst: readonly Status[] = ['failed', 'warning', 'ok']

/** Names that a certificate is for: each can be left out, and below each stands what the check of it found. */
@customElement('nusa-ssl-names')
export class NamesField extends Field {
  static override styles = [
    ...Field.styles,
    css`
      legend {
        padding: 0;
      }
      ul.names {
        border: 1px solid var(--nusa-border);
        border-radius: var(--nusa-radius-lg);
        background: var(--nusa-surface);
      }
      ul.names > li {
        padding: 11px 14px;
      }
      ul.names > li + li {
        border-top: 1px solid var(--nusa-border);
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 10px;
        min-height: 26px;
      }
      label.pick {
        display: flex;
        flex: 1 1 180px;
        gap: 10px;
        min-width: 0;
        font-weight: 560;
        overflow-wrap: anywhere;
        cursor: pointer;
      }
      input {
        flex: none;
        width: 17px;
        height: 17px;
        margin: 2px 0 0;
        accent-color: var(--nusa-accent);
      }
      .left label.pick,
      .blocked {
        color: var(--nusa-muted);
      }
      .blocked label.pick {
        cursor: not-allowed;
      }
      .why {
        margin: 2px 0 0 27px;
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
      }
      .findings {
        display: flex;
        flex-direction: column;
        gap: 8px;
        margin: 8px 0 2px 27px;
        font-size: var(--nusa-text-sm);
        line-height: 1.5;
      }
      .findings li {
        display: flex;
        gap: 8px;
        overflow-wrap: anywhere;
      }
      .findings span {
        min-width: 0;
      }
      .findings nusa-icon {
        margin-top: 2px;
        font-size: 0.95rem;
      }
      .ok > nusa-icon {
        color: var(--nusa-success);
      }
      .warning > nusa-icon {
        color: var(--nusa-warning);
      }
      .failed > nusa-icon {
        color: var(--nusa-danger);
      }
      .findings .remedy {
        color: var(--nusa-muted);
      }
      details {
        margin: 6px 0 0 27px;
        font-size: var(--nusa-text-sm);
      }
      details .findings {
        margin-left: 0;
      }
      summary {
        width: fit-content;
        color: var(--nusa-muted);
        cursor: pointer;
        border-radius: 4px;
      }
    `,
  ]
  @property({ attribute: false }) names: readonly string[] = []
  /** Absent until the check has answered. */
  @property({ attribute: false }) findings?: readonly Finding[]
  @property({ type: Boolean }) checking = false
  /** Whether wildcards can be proven the way that is chosen. */
  @property({ type: Boolean }) wildcards = false
  @state() private leftOut: ReadonlySet<string> = new Set()

  override get formValue(): readonly string[] {
    return this.names.filter(name => !this.leftOut.has(name) && !this.#blocked(name))
  }

  override check(): string {
    return this.formValue.length ? '' : t('ui.names.none')
  }

  /** Chosen names that the check says would fail. */
  get failing(): readonly string[] {
    const failed = new Set(this.findings?.flatMap(({ name, status }) => (status === 'failed' ? name : [])))
    return this.formValue.filter(name => failed.has(name))
  }

  leaveOut(names: readonly string[]): void {
    this.leftOut = new Set([...this.leftOut, ...names])
    this.changed()
  }

  #blocked(name: string): boolean {
    return !this.wildcards && name.startsWith('*.')
  }

  #toggle(name: string): void {
    const next = new Set(this.leftOut)
    if (!next.delete(name)) next.add(name)
    this.leftOut = next
    this.changed()
  }

  override render(): TemplateResult {
    return html`<fieldset aria-describedby=${this.describedBy}>
        <legend class="label">${this.label}</legend>
        <ul class="names">
          ${this.names.map(name => this.#name(name))}
        </ul>
      </fieldset>
      ${this.renderNotes()}`
  }

  #name(name: string): TemplateResult {
    const blocked = this.#blocked(name)
    const left = this.leftOut.has(name)
    const found = (blocked ? [] : (this.findings ?? [])).filter(finding => finding.name === name)
    const fine = found.filter(({ status }) => status === 'ok')
    const others = found.filter(({ status }) => status !== 'ok')
    return html`<li class="${blocked ? 'blocked' : ''} ${left ? 'left' : ''}">
      <div class="head">
        <label class="pick"
          ><input
            type="checkbox"
            .checked=${live(!left && !blocked)}
            ?disabled=${blocked}
            @change=${() => this.#toggle(name)}
          /><span>${name}</span></label
        >
        ${blocked || left ? nothing : this.#sign(found)}
      </div>
      ${blocked ? html`<p class="why">${t('ui.names.wildcard')}</p>` : nothing}
      ${left ? html`<p class="why">${t('ui.names.left')}</p>` : nothing}
      ${left || !others.length ? nothing : html`<ul class="findings">${others.map(finding => this.#finding(finding))}</ul>`}
      ${
        left || !fine.length
          ? nothing
          : html`<details>
              <summary>${t('ui.check.passed', { count: fine.length })}</summary>
              <ul class="findings">${fine.map(finding => this.#finding(finding))}</ul>
            </details>`
      }
    </li>`
  }

  /** What became of the check of one name, in a word. */
  #sign(found: readonly Finding[]): TemplateResult | typeof nothing {
    if (this.checking)
      return html`<nusa-badge tone="neutral" icon="progress" spin>${t('ui.check.running')}</nusa-badge>`
    const status = worst.find(each => found.some(finding => finding.status === each))
    if (!status) return nothing
    const { icon, tone } = signs[status]
    return html`<nusa-badge tone=${tone} icon=${icon}>${t(`ui.check.${status}`)}</nusa-badge>`
  }

  #finding({ status, code, params }: Finding): TemplateResult {
    const remedy = `readiness.${code}.remedy`
    return html`<li class=${status}>
      <nusa-icon name=${signs[status].icon} label=${t(`ui.check.${status}`)}></nusa-icon>
      <span
        >${t(`readiness.${code}`, params)}${
          hasMessage(remedy, 'ssl')
            ? html`<br /><span class="remedy">${translator('ssl')(remedy, params)}</span>`
            : nothing
        }</span
      >
    </li>`
  }
}
