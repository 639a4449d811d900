import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { download, toCsv } from '../core/csv.js'
import { NusaElement } from '../core/element.js'
import { locale, t } from '../core/messages.js'
import type { PagedList } from '../core/paged-list.js'
import { toastProblem } from '../core/toast.js'
import './button.js'
import './more.js'
import './select.js'
import './selection.js'
import './states.js'
import './table.js'
import type { Column, Order } from './table.js'
import './text-field.js'

/** What may be done with several rows at once. */
export interface BulkAction<T> {
  readonly label: string
  readonly icon: string
  readonly danger?: boolean
  /** What fails is shown as a toast, and the selection stays. */
  run(rows: readonly T[]): Promise<void>
}

/**
 * A list with all that a reader does with one: search, order, filters (slot `filters`), further pages, selection with `actions`,
 * a CSV file. A list that the panel gives whole is searched and ordered here, by the `text` of its columns; any other by
 * the panel: by `q` where `searchable` is set, and by the `sort` of its columns. The slot `empty` stands where there is nothing
 * at all.
 */
@customElement('nusa-list')
export class List<T = unknown> extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: block;
        container-type: inline-size;
      }
      .bar {
        display: flex;
        flex-wrap: wrap;
        gap: 10px;
        align-items: end;
        margin-bottom: 14px;
      }
      .search {
        flex: 1 1 200px;
        max-width: 340px;
      }
      .order {
        display: none;
      }
      .export {
        margin-left: auto;
      }
      @container (max-width: 560px) {
        .order {
          display: block;
          flex: 1 1 130px;
        }
      }
    `,
  ]

  /** What it lists. */
  @property() label = ''
  @property({ attribute: false, hasChanged: () => true }) list!: PagedList<T>
  @property({ attribute: false }) columns: readonly Column<T>[] = []
  /** The panel takes `q`. A whole list needs no word of it. */
  @property({ type: Boolean }) searchable = false
  /** Name of the file, without its ending; without it there is none. */
  @property() file = ''
  @property({ attribute: false }) actions: readonly BulkAction<T>[] = []
  /** At first, of a whole list. */
  @property({ attribute: false }) order?: Order
  @state() private selected: ReadonlySet<unknown> = new Set()
  @state() private busy = false

  /** As they are shown. */
  get #rows(): readonly T[] | undefined {
    const { items, whole, search } = this.list
    if (!items || !whole) return items
    const words = search.toLocaleLowerCase(locale())
    const found = words ? items.filter(row => this.#texts(row).toLocaleLowerCase(locale()).includes(words)) : items
    const by = this.columns.find(({ id }) => id === this.order?.column)?.text
    return by ? found.toSorted((a, b) => compare(by(a), by(b)) * (this.order?.descending ? -1 : 1)) : found
  }

  #texts(row: T): string {
    return this.columns.map(({ text }) => text?.(row) ?? '').join('\n')
  }

  #orders = ({ sort, text }: Column<T>): boolean => (this.list.whole ? text !== undefined : sort !== undefined)

  #order(order: Order): void {
    this.order = order
    const { sort } = this.columns.find(({ id }) => id === order.column) ?? {}
    if (!this.list.whole && sort) this.list.orderBy(`${order.descending ? '-' : ''}${sort}`)
  }

  async #run(action: BulkAction<T>, rows: readonly T[]): Promise<void> {
    this.busy = true
    try {
      await action.run(rows)
      this.selected = new Set()
    } catch (error) {
      toastProblem(error)
    } finally {
      this.busy = false
    }
  }

  async #export(): Promise<void> {
    this.busy = true
    try {
      const rows = this.list.whole ? (this.#rows ?? []) : await this.list.everything()
      download(`${this.file}.csv`, 'text/csv;charset=utf-8', toCsv(this.columns, rows))
    } catch (error) {
      toastProblem(error)
    } finally {
      this.busy = false
    }
  }

  override render(): TemplateResult {
    const { list } = this
    const none = list.items?.length === 0 && !list.search && !list.filtered
    return html`${none ? nothing : this.#bar()} ${this.#selection()}
      ${list.error ? html`<nusa-failure .error=${list.error} .retry=${list.load}></nusa-failure>` : this.#table(none)}
      <nusa-more .list=${list}></nusa-more>`
  }

  #bar(): TemplateResult {
    const ordering = this.columns.filter(this.#orders)
    return html`<div class="bar">
      ${
        this.searchable || this.list.whole
          ? html`<nusa-text-field
              class="search"
              type="search"
              label=${t('list.search')}
              .value=${this.list.search}
              @nusa-change=${(event: CustomEvent<{ value?: string }>) => {
                event.stopPropagation()
                this.list.find(event.detail.value ?? '')
                this.requestUpdate()
              }}
            ></nusa-text-field>`
          : nothing
      }
      <slot name="filters"></slot>
      ${ordering.length ? this.#orderField(ordering) : nothing}
      ${
        this.file
          ? html`<nusa-button class="export" icon="download" ?busy=${this.busy} @click=${() => void this.#export()}
              >${t('list.export')}</nusa-button
            >`
          : nothing
      }
    </div>`
  }

  /** On a narrow page, where there are no headings to press. */
  #orderField(columns: readonly Column<T>[]): TemplateResult {
    const options = columns.flatMap(({ id, label }) => [
      { value: id, label },
      { value: `-${id}`, label: t('list.descending', { label }) },
    ])
    const value = this.order ? `${this.order.descending ? '-' : ''}${this.order.column}` : ''
    return html`<nusa-select
      class="order"
      label=${t('list.order')}
      .value=${value}
      .options=${this.order ? options : [{ value: '', label: '–' }, ...options]}
      @nusa-change=${(event: CustomEvent<{ value?: string }>) => {
        event.stopPropagation()
        const { value: chosen = '' } = event.detail
        if (chosen) this.#order({ column: chosen.replace(/^-/, ''), descending: chosen.startsWith('-') })
      }}
    ></nusa-select>`
  }

  /** Of what was selected, what is still listed. */
  #selection(): TemplateResult | typeof nothing {
    const rows = this.#rows?.filter(row => this.selected.has(this.list.keyOf(row))) ?? []
    if (!rows.length) return nothing
    return html`<nusa-selection
      count=${rows.length}
      @nusa-unselect=${() => {
        this.selected = new Set()
      }}
    >
      ${this.actions.map(
        action => html`<nusa-button
          small
          icon=${action.icon}
          variant=${action.danger ? 'danger' : 'default'}
          ?busy=${this.busy}
          @click=${() => void this.#run(action, rows)}
          >${action.label}</nusa-button
        >`,
      )}
    </nusa-selection>`
  }

  #table(none: boolean): TemplateResult {
    return html`<nusa-table
      label=${this.label}
      .rows=${this.#rows}
      .columns=${this.columns}
      .rowKey=${this.list.keyOf}
      .order=${this.order}
      .orders=${this.#orders}
      .selected=${this.actions.length ? this.selected : undefined}
      @nusa-order=${(event: CustomEvent<Order>) => this.#order(event.detail)}
      @nusa-select=${(event: CustomEvent<ReadonlySet<unknown>>) => {
        this.selected = event.detail
      }}
    >
      ${
        none
          ? html`<slot name="empty" slot="empty"></slot>`
          : html`<nusa-empty slot="empty" icon="search" heading=${t('list.no-match')}></nusa-empty>`
      }
    </nusa-table>`
  }
}

function compare(a: string | number | undefined, b: string | number | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a ?? '').localeCompare(String(b ?? ''), locale(), { numeric: true, sensitivity: 'base' })
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-list': List
  }
}
