import { api, formatDate, may, NusaElement, type Page, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { AuditEntry } from './audit-wire.js'
import './outcome-badge.js'

/**
 * One entry of the audit log in a dialog: all that was recorded, and what proves it. Open while `seq` is set; an entry that is not
 * given is asked for. Fires `nusa-close`, and `nusa-only` with the filters that the reader chose.
 */
@customElement('nusa-audit-entry')
export class AuditEntryDialog extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: contents;
      }
      dl {
        display: grid;
        grid-template-columns: minmax(90px, max-content) minmax(0, 1fr);
        gap: 7px 18px;
        font-size: var(--nusa-text-md);
      }
      dt {
        color: var(--nusa-muted);
      }
      dd {
        min-width: 0;
        overflow-wrap: anywhere;
      }
      h3 {
        margin: 18px 0 6px;
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
        font-weight: 560;
      }
      pre {
        max-height: 300px;
        padding: 10px 12px;
        overflow: auto;
        border: 1px solid var(--nusa-border);
        border-radius: var(--nusa-radius);
        background: var(--nusa-sunken);
        font-size: 0.78rem;
        line-height: 1.55;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .hash {
        display: flex;
        align-items: flex-start;
        gap: 6px;
      }
      .hash code {
        min-width: 0;
        overflow-wrap: anywhere;
        line-height: 1.5;
      }
    `,
  ]
  @property({ type: Number }) seq?: number
  @property({ attribute: false }) entry?: AuditEntry
  @state() private found: AuditEntry | undefined
  @state() private absent = false
  @state() private error: unknown

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('seq') && this.seq !== undefined && this.entry?.seq !== this.seq) void this.#load(this.seq)
  }

  async #load(seq: number): Promise<void> {
    this.found = undefined
    this.absent = false
    this.error = undefined
    try {
      // The page that begins with it.
      const { items } = await api.get<Page<AuditEntry>>('/audit', { query: { cursor: seq + 1, limit: 1 } })
      if (this.seq !== seq) return
      this.found = items[0]?.seq === seq ? items[0] : undefined
      this.absent = !this.found
    } catch (error) {
      if (this.seq === seq) this.error = error
    }
  }

  override render(): TemplateResult {
    const seq = this.seq
    const entry = this.entry ?? (this.found?.seq === seq ? this.found : undefined)
    return html`<nusa-dialog
      wide
      ?open=${seq !== undefined}
      heading=${seq === undefined ? '' : t('audit.entry', { seq })}
      @nusa-close=${(event: Event) => {
        event.stopPropagation()
        this.emit('nusa-close')
      }}
    >
      ${seq === undefined ? nothing : entry ? this.#details(entry) : this.#waiting(seq)}
      ${entry && seq !== undefined ? this.#actions(entry) : nothing}
    </nusa-dialog>`
  }

  #waiting(seq: number): TemplateResult {
    if (this.error) return html`<nusa-failure .error=${this.error} .retry=${() => void this.#load(seq)}></nusa-failure>`
    return this.absent
      ? html`<nusa-empty icon="search" heading=${t('audit.entry.absent')} text=${t('audit.entry.absent.text')}></nusa-empty>`
      : html`<nusa-skeleton lines="8"></nusa-skeleton>`
  }

  #details(entry: AuditEntry): TemplateResult {
    const { actor, params } = entry
    return html`<dl>
        <dt>${t('audit.at')}</dt>
        <dd>${formatDate(new Date(entry.at))} <span class="muted small mono">${entry.at}</span></dd>
        <dt>${t('audit.actor')}</dt>
        <dd>
          ${actor.name} <span class="muted small">${t(`audit.kind.${actor.kind}`)}</span>
          <div class="muted small mono">${actor.id}</div>
        </dd>
        ${actor.address ? this.#row('audit.address', html`<span class="mono">${actor.address}</span>`) : nothing}
        ${this.#row('audit.assurance', t(`audit.assurance.${actor.assurance}`))}
        ${this.#row('audit.action', html`<span class="mono">${entry.action}</span>`)}
        ${entry.target ? this.#row('audit.target', html`<span class="mono">${entry.target}</span>`) : nothing}
        ${this.#job(entry)} ${this.#row('audit.outcome', html`<nusa-outcome-badge state=${entry.outcome}></nusa-outcome-badge>`)}
        ${entry.requestId ? this.#row('audit.request', html`<span class="mono small">${entry.requestId}</span>`) : nothing}
      </dl>
      ${
        params === undefined
          ? nothing
          : html`<h3 id="params">${t('audit.params')}</h3>
            <pre tabindex="0" role="region" aria-labelledby="params">${JSON.stringify(params, undefined, 2)}</pre>`
      }
      <h3>${t('audit.hash')}</h3>
      <div class="hash">
        <code>${entry.hash}</code><nusa-copy .value=${entry.hash} label=${t('audit.hash.copy')}></nusa-copy>
      </div>
      <p class="small muted">${t('audit.hash.text')}</p>`
  }

  #row(label: string, value: unknown): TemplateResult {
    return html`<dt>${t(label)}</dt>
      <dd>${value}</dd>`
  }

  /** A job is a page: the target of what was done to it, a parameter of what it did. */
  #job({ action, params, target }: AuditEntry): TemplateResult | typeof nothing {
    const named = (params as { readonly job?: unknown } | undefined)?.job
    const id = typeof named === 'string' ? named : /^jobs\.(cancel|retry)$/.test(action) ? target : undefined
    return id && may('jobs:read')
      ? this.#row('change.job', html`<a href="/jobs/${id}">${t('change.job.open')}</a>`)
      : nothing
  }

  #actions({ actor, target, action }: AuditEntry): TemplateResult {
    const only = (label: string, detail: Readonly<Record<string, string>>) => html`<nusa-button
      slot="footer"
      small
      icon="search"
      @click=${() => this.emit('nusa-only', detail)}
      >${label}</nusa-button
    >`
    return html`${only(t('audit.only.actor', { name: actor.name }), { actor: actor.id })}
    ${only(t('audit.only.action', { action }), { action })} ${target ? only(t('audit.only.target'), { target }) : nothing}`
  }
}
