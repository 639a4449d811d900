import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { live } from 'lit/directives/live.js'
import { repeat } from 'lit/directives/repeat.js'
import { NusaElement } from '../core/element.js'
import { t } from '../core/messages.js'
import { ShownParts } from '../core/shown-parts.js'
import './icon.js'
import './states.js'

export interface Column<T> {
  readonly id: string
  readonly label: string
  /** What stands in the cell. */
  readonly cell: (row: T) => unknown
  /** The cell as plain text: for files, and for search and order in a list that is here as a whole. */
  readonly text?: (row: T) => string | number | undefined
  /** The name by which the panel orders its list. */
  readonly sort?: string
  /** `main` names the row and heads it on a phone; `end` is aligned to the right; `fit` takes no more room than it needs. */
  readonly kind?: 'main' | 'end' | 'fit'
  /** Stands in files alone. */
  readonly fileOnly?: boolean
  /** The label is for assistive technology only. */
  readonly hideLabel?: boolean
}

/** What a list is ordered by: the id of a column. */
export interface Order {
  readonly column: string
  readonly descending: boolean
}

/** Rows that come and go from the page together. */
const partSize = 50

/**
 * A list of things. On a narrow page each row becomes a card. In a cell, `class="sub"` is a second, quieter line. Of a long list
 * only the parts near the window are in the page. `nusa-order` says which column's heading was pressed, `nusa-select` what is
 * selected now.
 */
@customElement('nusa-table')
export class Table<T = unknown> extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        container-type: inline-size;
        background: var(--nusa-surface);
        border: 1px solid var(--nusa-border);
        border-radius: var(--nusa-radius-lg);
        overflow: clip;
      }
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: var(--nusa-text-md);
      }
      th {
        padding: 8px 14px;
        text-align: left;
        font-size: var(--nusa-text-sm);
        font-weight: 540;
        color: var(--nusa-muted);
        background: var(--nusa-sunken);
        border-bottom: 1px solid var(--nusa-border);
        white-space: nowrap;
      }
      td {
        padding: 10px 14px;
        border-bottom: 1px solid var(--nusa-border);
        vertical-align: middle;
        overflow-wrap: anywhere;
      }
      tbody:last-child > tr:last-child td {
        border-bottom: 0;
      }
      th button {
        display: inline-flex;
        align-items: center;
        gap: 4px;
        margin: -4px -6px;
        padding: 4px 6px;
        border: 0;
        border-radius: var(--nusa-radius-sm, 4px);
        background: none;
        color: inherit;
        font: inherit;
        cursor: pointer;
      }
      th button:hover {
        background: var(--nusa-hover);
      }
      th[aria-sort='ascending'],
      th[aria-sort='descending'] {
        color: var(--nusa-text);
      }
      th nusa-icon {
        width: 14px;
        height: 14px;
      }
      th[aria-sort='ascending'] nusa-icon {
        rotate: 180deg;
      }
      .select {
        width: 1%;
        padding-right: 0;
      }
      .select input {
        display: block;
        width: 17px;
        height: 17px;
        margin: 0;
        accent-color: var(--nusa-accent);
      }
      tr.selected,
      tbody tr.selected:hover {
        background: color-mix(in srgb, var(--nusa-accent) 9%, transparent);
      }
      tbody > .elsewhere:hover {
        background: none;
      }
      tbody tr:hover {
        background: color-mix(in srgb, var(--nusa-hover) 45%, transparent);
      }
      .end {
        text-align: right;
        white-space: nowrap;
      }
      .fit {
        width: 1%;
        white-space: nowrap;
      }
      td.main {
        font-weight: 560;
      }
      .main a {
        color: var(--nusa-text);
      }
      .sub {
        display: block;
        font-weight: 400;
        font-size: var(--nusa-text-sm);
        color: var(--nusa-muted);
      }
      nusa-skeleton {
        padding: 8px 16px;
      }
      @container (max-width: 560px) {
        thead {
          position: absolute;
          width: 1px;
          height: 1px;
          overflow: hidden;
          clip-path: inset(50%);
        }
        table,
        tbody,
        tr,
        td {
          display: block;
          width: auto;
        }
        tr {
          padding: 10px 14px;
          border-bottom: 1px solid var(--nusa-border);
        }
        tbody:last-child > tr:last-child {
          border-bottom: 0;
        }
        td.select {
          float: left;
          width: 30px;
          padding: 6px 0;
        }
        td.select:empty {
          display: none;
        }
        td,
        td.end,
        td.fit {
          display: flex;
          justify-content: space-between;
          gap: 16px;
          width: auto;
          padding: 3px 0;
          border: 0;
          white-space: normal;
          text-align: right;
        }
        td.main {
          display: block;
          text-align: left;
          font-size: var(--nusa-text-lg);
        }
        td[data-label]::before {
          content: attr(data-label);
          color: var(--nusa-muted);
          font-size: var(--nusa-text-sm);
          text-align: left;
          white-space: nowrap;
        }
      }
    `,
  ]

  /** What the table lists; read by assistive technology. */
  @property() label = ''
  @property({ attribute: false }) columns: readonly Column<T>[] = []
  /** Absent while loading. */
  @property({ attribute: false }) rows?: readonly T[]
  @property({ attribute: false }) rowKey: (row: T) => unknown = row => row
  /** What its order is now. */
  @property({ attribute: false }) order?: Order
  /** Whether the heading of a column orders the list. */
  @property({ attribute: false }) orders: (column: Column<T>) => boolean = () => false
  /** Keys of the rows that are selected; absent where none can be. */
  @property({ attribute: false }) selected?: ReadonlySet<unknown>
  /** Of those, which may be. */
  @property({ attribute: false }) selectable: (row: T) => boolean = () => true
  readonly #parts = new ShownParts(this, () => this.renderRoot.querySelectorAll('tbody'))

  protected override updated(_changed: PropertyValues): void {
    this.#parts.observe(this.#partCount)
  }

  get #shown(): readonly Column<T>[] {
    return this.columns.filter(({ fileOnly }) => !fileOnly)
  }

  get #partCount(): number {
    return Math.ceil((this.rows?.length ?? 0) / partSize)
  }

  override render(): TemplateResult {
    if (!this.rows) return html`<nusa-skeleton lines="5"></nusa-skeleton>`
    if (!this.rows.length) return html`<slot name="empty"></slot>`
    const long = this.#partCount > 1
    return html`<table role="table" aria-label=${this.label} aria-rowcount=${long ? this.rows.length + 1 : nothing}>
      <thead role="rowgroup">
        <tr role="row">
          ${this.selected ? this.#selectAll(this.rows) : nothing} ${this.#shown.map(column => this.#heading(column))}
        </tr>
      </thead>
      ${Array.from({ length: this.#partCount }, (_, part) => this.#part(part, long))}
    </table>`
  }

  #heading(column: Column<T>): TemplateResult {
    const label = html`<span class=${column.hideLabel ? 'visually-hidden' : ''}>${column.label}</span>`
    if (!this.orders(column)) return html`<th role="columnheader" scope="col" class=${column.kind ?? ''}>${label}</th>`
    const own = this.order?.column === column.id ? this.order : undefined
    return html`<th
      role="columnheader"
      scope="col"
      class=${column.kind ?? ''}
      aria-sort=${own ? (own.descending ? 'descending' : 'ascending') : 'none'}
    >
      <button
        @click=${() => this.emit('nusa-order', { column: column.id, descending: own ? !own.descending : false })}
      >
        ${label}${own ? html`<nusa-icon name="chevron-down"></nusa-icon>` : nothing}
      </button>
    </th>`
  }

  /** Those that are listed and may be selected; what the panel has further down stays unselected. */
  #selectAll(rows: readonly T[]): TemplateResult {
    const keys = rows.filter(this.selectable).map(this.rowKey)
    const count = keys.filter(key => this.selected?.has(key)).length
    return html`<th role="columnheader" scope="col" class="select">
      <input
        type="checkbox"
        aria-label=${t('list.select-all')}
        .checked=${live(count > 0 && count === keys.length)}
        ?disabled=${keys.length === 0}
        .indeterminate=${live(count > 0 && count < keys.length)}
        @change=${() => this.emit('nusa-select', new Set(count === keys.length ? [] : keys))}
      />
    </th>`
  }

  #part(part: number, long: boolean): TemplateResult {
    const rows = this.rows?.slice(part * partSize, (part + 1) * partSize) ?? []
    if (!this.#parts.shows(part))
      return html`<tbody role="rowgroup">
        <tr class="elsewhere" role="presentation">
          <td colspan=${this.#shown.length + 1} height=${this.#parts.heightOf(part, rows.length)}></td>
        </tr>
      </tbody>`
    return html`<tbody role="rowgroup">
      ${repeat(rows, this.rowKey, (row, index) => this.#row(row, long ? part * partSize + index + 2 : nothing))}
    </tbody>`
  }

  #row(row: T, position: number | typeof nothing): TemplateResult {
    const selected = this.selected?.has(this.rowKey(row)) ?? false
    return html`<tr role="row" class=${selected ? 'selected' : ''} aria-rowindex=${position}>
      ${this.selected ? this.#selectOne(row, selected) : nothing}
      ${this.#shown.map(
        column => html`<td
          role="cell"
          class=${column.kind ?? ''}
          data-label=${column.kind === 'main' || column.hideLabel ? nothing : column.label}
        >
          ${column.cell(row)}
        </td>`,
      )}
    </tr>`
  }

  #selectOne(row: T, selected: boolean): TemplateResult {
    if (!this.selectable(row)) return html`<td role="cell" class="select"></td>`
    const name = this.columns.find(({ kind }) => kind === 'main')?.text?.(row)
    const key = this.rowKey(row)
    return html`<td role="cell" class="select">
      <input
        type="checkbox"
        aria-label=${t('list.select-row', { name: String(name ?? key) })}
        .checked=${live(selected)}
        @change=${() => {
          const next = new Set(this.selected)
          if (!next.delete(key)) next.add(key)
          this.emit('nusa-select', next)
        }}
      />
    </td>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-table': Table
  }
}
