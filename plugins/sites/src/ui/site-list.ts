import { api, type Column, may, NusaElement, type Page } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import type { Runtimes, Site } from '../api.js'
import './site-badge.js'
import { lookOf, runtimeWords, siteUrl, t } from './texts.js'

/** While a site is being made or deleted the list is asked for again. Milliseconds. */
const refresh = 3_000
/** After the last key before a search is sent. Milliseconds. */
const pause = 200

/** All sites the reader may see. */
@customElement('nusa-sites')
export class SiteList extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .bar {
        max-width: 340px;
        margin-bottom: 14px;
      }
      .more {
        margin-top: 14px;
        text-align: center;
      }
    `,
  ]
  @state() private sites: readonly Site[] | undefined
  @state() private runtimes: Runtimes | undefined
  @state() private cursor: string | undefined
  @state() private total: number | undefined
  @state() private search = ''
  @state() private error: unknown
  #timer: ReturnType<typeof setTimeout> | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  async #load(cursor?: string): Promise<void> {
    clearTimeout(this.#timer)
    const search = this.search
    try {
      const query = { limit: 50, cursor, q: search || undefined }
      const [page, runtimes] = await Promise.all([
        api.get<Page<Site>>('/sites', { query }),
        this.runtimes ?? api.get<Runtimes>('/sites/runtimes'),
      ])
      if (search !== this.search) return
      this.error = undefined
      this.runtimes = runtimes
      this.sites = cursor ? [...(this.sites ?? []), ...page.items] : page.items
      this.cursor = page.nextCursor
      this.total = page.total
      if (!cursor && this.isConnected && page.items.some(site => site.state !== 'active'))
        this.#timer = setTimeout(() => void this.#load(), refresh)
    } catch (error) {
      this.error = error
    }
  }

  #searched = (event: CustomEvent<{ value?: string }>): void => {
    this.search = event.detail.value ?? ''
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#load(), pause)
  }

  override render(): TemplateResult {
    const none = this.sites?.length === 0 && !this.search
    return html`<nusa-page heading=${t('sites.nav')} lead=${none ? '' : t('ui.list.lead')}>
      ${
        may('sites:write') && !none
          ? html`<nusa-button slot="actions" variant="primary" icon="plus" href="/sites/new">${t('ui.list.create')}</nusa-button>`
          : nothing
      }
      ${this.error ? html`<nusa-failure .error=${this.error} .retry=${() => void this.#load()}></nusa-failure>` : this.#body(none)}
    </nusa-page>`
  }

  #body(none: boolean): TemplateResult {
    return html`${
      none
        ? nothing
        : html`<div class="bar">
          <nusa-text-field
            type="search"
            label=${t('ui.list.search')}
            .value=${this.search}
            @nusa-change=${this.#searched}
          ></nusa-text-field>
        </div>`
    }
      <nusa-table label=${t('sites.nav')} .rows=${this.sites} .columns=${this.#columns()} .rowKey=${(site: Site) => site.id}>
        ${none ? this.#first() : html`<nusa-empty slot="empty" icon="search" heading=${t('ui.list.no-match', { search: this.search })}></nusa-empty>`}
      </nusa-table>
      ${
        this.cursor
          ? html`<div class="more">
            <nusa-button @click=${() => void this.#load(this.cursor)}
              >${t('ui.list.more', { shown: this.sites?.length ?? 0, total: this.total ?? 0 })}</nusa-button
            >
          </div>`
          : nothing
      }`
  }

  #first(): TemplateResult {
    return html`<nusa-empty slot="empty" icon="globe" heading=${t('ui.list.empty')} text=${t('ui.list.empty.text')}>
      ${
        may('sites:write')
          ? html`<nusa-button variant="primary" icon="plus" href="/sites/new">${t('ui.list.create-first')}</nusa-button>`
          : nothing
      }
    </nusa-empty>`
  }

  #columns(): readonly Column<Site>[] {
    const port = this.runtimes?.ports.http ?? 80
    return [
      {
        id: 'domain',
        label: t('ui.column.domain'),
        kind: 'main',
        cell: site => html`<a href="/sites/${site.id}">${site.unicodeDomain}</a>
          ${site.aliases.length ? html`<span class="sub">${t('ui.column.aliases', { count: site.aliases.length, first: site.aliases[0] })}</span>` : nothing}`,
      },
      { id: 'runtime', label: t('ui.column.runtime'), cell: site => runtimeWords(site.runtime) },
      {
        id: 'state',
        label: t('ui.column.state'),
        cell: site => html`<nusa-sites-badge look=${lookOf(site)}></nusa-sites-badge>`,
      },
      {
        id: 'created',
        label: t('ui.column.created'),
        cell: site => html`<nusa-time value=${site.createdAt}></nusa-time>`,
      },
      {
        id: 'open',
        label: t('ui.open'),
        hideLabel: true,
        kind: 'end',
        cell: site => html`<nusa-button
          small
          variant="quiet"
          icon="external"
          href=${siteUrl(site.domain, port)}
          target="_blank"
          label=${t('ui.open.label', { domain: site.unicodeDomain })}
          >${t('ui.open')}</nusa-button
        >`,
      },
    ]
  }
}
