import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { NusaElement } from '../core/element.js'
import './states.js'

export interface Column<T> {
  readonly id: string
  readonly label: string
  /** What stands in the cell. */
  readonly cell: (row: T) => unknown
  /** `main` names the row and heads it on a phone; `end` is aligned to the right; `fit` takes no more room than it needs. */
  readonly kind?: 'main' | 'end' | 'fit'
  /** The label is for assistive technology only. */
  readonly hideLabel?: boolean
}

/** A list of things. On a narrow page each row becomes a card. In a cell, `class="sub"` is a second, quieter line. */
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
      tr:last-child td {
        border-bottom: 0;
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
        tr:last-child {
          border-bottom: 0;
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

  override render(): TemplateResult {
    if (!this.rows) return html`<nusa-skeleton lines="5"></nusa-skeleton>`
    if (!this.rows.length) return html`<slot name="empty"></slot>`
    return html`<table role="table" aria-label=${this.label}>
      <thead role="rowgroup">
        <tr role="row">
          ${this.columns.map(
            column => html`<th role="columnheader" scope="col" class=${column.kind ?? ''}>
              <span class=${column.hideLabel ? 'visually-hidden' : ''}>${column.label}</span>
            </th>`,
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${repeat(
          this.rows,
          row => this.rowKey(row),
          row => html`<tr role="row">
            ${this.columns.map(
              column => html`<td
                role="cell"
                class=${column.kind ?? ''}
                data-label=${column.kind === 'main' || column.hideLabel ? nothing : column.label}
              >
                ${column.cell(row)}
              </td>`,
            )}
          </tr>`,
        )}
      </tbody>
    </table>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-table': Table
  }
}
