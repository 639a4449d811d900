import type { FormValues, Option } from '@nusantara/sdk/ui'
import { css, html, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import type { Site } from '../../api.js'
import { SiteForm } from '../form/site-form.js'
import { t } from '../texts.js'

/** Statuses that a site usually has a page of its own for, in the order in which they are offered. */
const usual = ['404', '403', '500', '502', '503', '504', '401', '400', '405', '408', '410', '413', '429']

interface Row {
  readonly key: number
  readonly status: string
  readonly page: string
}

/** Pages that visitors get in place of the web server's own when something is missing or fails. */
@customElement('nusa-sites-error-pages')
export class ErrorPagesForm extends SiteForm {
  static override styles = [
    ...SiteForm.styles,
    css`
      .one {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(0, 1.2fr) auto;
        gap: 12px;
        align-items: start;
      }
      .one > nusa-button {
        margin-top: 25px;
      }
      @media (max-width: 560px) {
        .one {
          grid-template-columns: minmax(0, 1fr) auto;
        }
        .one > nusa-text-field {
          grid-column: 1;
        }
        .one > nusa-button {
          grid-area: 1 / 2;
        }
      }
    `,
  ]
  @state() private rows: readonly Row[] = []
  #last = 0

  protected override body(): FormValues {
    return { errorPages: Object.fromEntries(this.rows.map(({ status, page }) => [status, page])) }
  }

  protected override saved({ errorPages }: Site): FormValues {
    return { errorPages }
  }

  protected override reset(): void {
    this.#fill()
    super.reset()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (!this.hasUpdated) this.#fill()
  }

  #fill(): void {
    this.rows = Object.entries(this.site.errorPages).map(([status, page]) => ({ key: ++this.#last, status, page }))
  }

  #taken(status: string): boolean {
    return this.rows.some(row => row.status === status)
  }

  #choices(own: string): readonly Option[] {
    return [...new Set([...usual, own])].map(value => ({
      value,
      label: t('ui.errors.status.words', { status: value }),
      disabled: value !== own && this.#taken(value),
    }))
  }

  async #add(): Promise<void> {
    const status = usual.find(one => !this.#taken(one)) ?? ''
    const key = ++this.#last
    this.rows = [...this.rows, { key, status, page: `/${status}.html` }]
    this.typed()
    await this.updateComplete
    const rows = this.renderRoot.querySelectorAll('.one')
    rows[rows.length - 1]?.querySelector<HTMLElement>('nusa-select')?.focus()
  }

  async #remove(row: Row): Promise<void> {
    this.rows = this.rows.filter(({ key }) => key !== row.key)
    this.typed()
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>('#add')?.focus()
  }

  #set(row: Row, change: Partial<Row>): void {
    this.rows = this.rows.map(one => (one.key === row.key ? { ...one, ...change } : one))
  }

  protected override fields(): TemplateResult {
    return html`<div class="fields">
      ${
        this.rows.length
          ? repeat(
              this.rows,
              ({ key }) => key,
              row => this.#row(row),
            )
          : html`<p class="muted">${t('ui.errors.none')}</p>`
      }
      <div>
        <nusa-button id="add" icon="plus" ?disabled=${usual.every(status => this.#taken(status))} @click=${() => void this.#add()}
          >${t('ui.errors.add')}</nusa-button
        >
      </div>
    </div>`
  }

  #row(row: Row): TemplateResult {
    return html`<div class="one" role="group" aria-label=${t('ui.errors.row', { status: row.status })}>
      <nusa-select
        label=${t('ui.errors.status')}
        .value=${row.status}
        .options=${this.#choices(row.status)}
        @nusa-change=${(event: CustomEvent<{ value: string }>) => this.#set(row, { status: event.detail.value })}
      ></nusa-select>
      <nusa-text-field
        name="errorPages.${row.status}"
        label=${t('ui.errors.page')}
        value=${row.page}
        mono
        required
        @nusa-change=${(event: CustomEvent<{ value?: string }>) => this.#set(row, { page: event.detail.value ?? '' })}
      ></nusa-text-field>
      <nusa-button
        variant="quiet"
        bare
        icon="trash"
        label=${t('ui.errors.remove', { status: row.status })}
        @click=${() => void this.#remove(row)}
      ></nusa-button>
    </div>`
  }
}
