import { type Column, NusaElement, PagedList, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import { Filters } from '../filters.js'
import './audit-entry.js'
import type { AuditEntry, Outcome } from './audit-wire.js'
import { endOfDay, startOfDay } from './day.js'
import './outcome-badge.js'

type Name = 'actor' | 'action' | 'target' | 'outcome' | 'from' | 'until'

const outcomes: readonly Outcome[] = ['success', 'failure', 'refused']

/** Who did what, newest first; each entry with everything that was recorded. */
@customElement('nusa-audit-page')
export class AuditPage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .filters {
        display: flex;
        flex-wrap: wrap;
        gap: 10px;
        flex: 1 1 420px;
        min-width: 0;
        align-items: end;
      }
      .filters > * {
        flex: 1 1 104px;
        min-width: 0;
      }
      .filters > [type='date'] {
        flex-basis: 142px;
      }
      .sealed {
        margin-top: 14px;
        text-align: center;
      }
    `,
  ]
  /** The entry whose details are open. */
  @state() private open: AuditEntry | undefined
  readonly #filters = new Filters<Name>(this, ['actor', 'action', 'target', 'outcome', 'from', 'until'], ({ typing }) =>
    this.#entries.restart({ typing }),
  )
  readonly #entry = new Filters<'entry'>(this, ['entry'], () => void 0)
  readonly #entries = new PagedList<AuditEntry>(this, {
    path: '/audit',
    query: () => this.#query,
    key: ({ seq }) => seq,
  })

  get #query(): Readonly<Record<string, string | undefined>> {
    const { from, until, ...rest } = this.#filters.query
    return { ...rest, since: startOfDay(from ?? ''), until: endOfDay(until ?? '') }
  }

  override render(): TemplateResult {
    const asked = Number(this.#entry.get('entry'))
    return html`<nusa-page heading=${t('audit.heading')} lead=${t('audit.lead')}>
      <nusa-button slot="actions" icon="download" href=${this.#exportAddress}>${t('audit.export')}</nusa-button>
      <nusa-button slot="actions" icon="shield" href="/audit/verify">${t('audit.verify')}</nusa-button>
      <nusa-list label=${t('audit.heading')} file="audit" .list=${this.#entries} .columns=${this.#columns()}>
        ${this.#filterFields()}
        <nusa-empty slot="empty" icon="file-text" heading=${t('audit.empty')}></nusa-empty>
      </nusa-list>
      ${
        this.#entries.items && !this.#entries.more
          ? html`<p class="sealed small muted">${t('audit.end')} <a href="/audit/verify">${t('audit.end.link')}</a></p>`
          : nothing
      }
      <nusa-audit-entry
        .entry=${this.open?.seq === asked ? this.open : undefined}
        .seq=${asked || undefined}
        @nusa-close=${() => this.#entry.clear()}
        @nusa-only=${(event: CustomEvent<Partial<Record<Name, string>>>) => this.#only(event.detail)}
      ></nusa-audit-entry>
    </nusa-page>`
  }

  #only(wanted: Partial<Record<Name, string>>): void {
    this.#entry.clear()
    for (const [name, value] of Object.entries(wanted)) this.#filters.set(name as Name, value)
  }

  /** What is filtered now; sealed segments too. */
  get #exportAddress(): string {
    const query = Object.entries(this.#query).filter(([, value]) => value !== undefined) as [string, string][]
    const text = new URLSearchParams(query).toString()
    return `/api/v1/audit/export${text ? `?${text}` : ''}`
  }

  #filterFields(): TemplateResult {
    const typed = (name: Name) => (event: CustomEvent<{ value?: string }>) =>
      this.#filters.set(name, event.detail.value, { typing: true })
    const text = (name: 'actor' | 'action' | 'target', known: readonly string[]) => html`<nusa-text-field
      label=${t(`audit.${name}`)}
      .value=${this.#filters.get(name)}
      .suggestions=${known}
      @nusa-change=${typed(name)}
    ></nusa-text-field>`
    const day = (name: 'from' | 'until') => html`<nusa-text-field
      type="date"
      label=${t(`audit.${name}`)}
      .value=${this.#filters.get(name)}
      @nusa-change=${typed(name)}
    ></nusa-text-field>`
    const rows = this.#entries.items ?? []
    return html`<div class="filters" slot="filters">
      ${text('actor', distinct(rows.map(({ actor }) => actor.name)))}
      ${text('action', distinct(rows.flatMap(({ action }) => [action.split('.')[0] ?? '', action])))}
      ${text('target', [])}
      <nusa-select
        label=${t('audit.outcome')}
        .value=${this.#filters.get('outcome')}
        .options=${[{ value: '', label: t('filter.all') }, ...outcomes.map(value => ({ value, label: t(`audit.outcome.${value}`) }))]}
        @nusa-change=${(event: CustomEvent<{ value?: string }>) => this.#filters.set('outcome', event.detail.value)}
      ></nusa-select>
      ${day('from')} ${day('until')}
    </div>`
  }

  #columns(): readonly Column<AuditEntry>[] {
    return [
      { id: 'seq', label: t('audit.number'), fileOnly: true, cell: () => nothing, text: ({ seq }) => seq },
      {
        id: 'action',
        label: t('audit.action'),
        kind: 'main',
        cell: entry => html`<a
          href="?entry=${entry.seq}"
          @click=${(event: MouseEvent) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return
            event.preventDefault()
            this.open = entry
            this.#entry.set('entry', String(entry.seq))
          }}
          >${entry.action}</a
        >`,
        text: ({ action }) => action,
      },
      { id: 'actor', label: t('audit.actor'), cell: ({ actor }) => actor.name, text: ({ actor }) => actor.name },
      {
        id: 'target',
        label: t('audit.target'),
        cell: ({ target }) => (target ? html`<span class="mono small">${target}</span>` : '–'),
        text: ({ target }) => target,
      },
      {
        id: 'outcome',
        label: t('audit.outcome'),
        kind: 'fit',
        cell: ({ outcome }) => html`<nusa-outcome-badge state=${outcome}></nusa-outcome-badge>`,
        text: ({ outcome }) => outcome,
      },
      {
        id: 'at',
        label: t('audit.at'),
        kind: 'end',
        cell: ({ at }) => html`<nusa-time value=${at}></nusa-time>`,
        text: ({ at }) => at,
      },
      ...fileColumns(),
    ]
  }
}

/** What a file has besides. */
function fileColumns(): readonly Column<AuditEntry>[] {
  const texts: Readonly<Record<string, (entry: AuditEntry) => string | undefined>> = {
    address: ({ actor }) => actor.address,
    assurance: ({ actor }) => actor.assurance,
    request: ({ requestId }) => requestId,
    params: ({ params }) => (params === undefined ? undefined : JSON.stringify(params)),
    hash: ({ hash }) => hash,
  }
  return Object.entries(texts).map(([id, text]) => ({
    id,
    label: t(`audit.${id}`),
    fileOnly: true,
    cell: () => nothing,
    text,
  }))
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.filter(Boolean))].sort()
}
