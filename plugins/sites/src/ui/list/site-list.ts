import { api, type Column, may, NusaElement, onShellInfo, PagedList, slotEntries } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import type { Runtimes, Site } from '../../api.js'
import '../site-badge.js'
import { lookOf, runtimeWords, siteUrl, t } from '../texts.js'

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
    `,
  ]
  @state() private search = ''
  /** Where sites are published; their links come with it. */
  @state() private ports: Runtimes['ports'] | undefined
  readonly #list = new PagedList<Site>(this, {
    path: '/sites',
    query: () => ({ q: this.search || undefined }),
    key: site => site.id,
    moving: site => site.state !== 'active',
  })
  #unlisten: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#unlisten = onShellInfo(() => this.requestUpdate())
    void this.#loadPorts()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unlisten?.()
  }

  async #loadPorts(): Promise<void> {
    try {
      this.ports = (await api.get<Runtimes>('/sites/runtimes')).ports
    } catch (error) {
      // The list says itself what is wrong; without ports it has no links to the sites.
      console.warn('the ports of the sites are not known', error)
    }
  }

  #searched = (event: CustomEvent<{ value?: string }>): void => {
    this.search = event.detail.value ?? ''
    this.#list.restart({ typing: true })
  }

  override render(): TemplateResult {
    const none = this.#list.items?.length === 0 && !this.search
    return html`<nusa-page heading=${t('sites.nav')} lead=${none ? '' : t('ui.list.lead')}>
      ${
        may('sites:write') && !none
          ? html`<nusa-button slot="actions" variant="primary" icon="plus" href="/sites/new">${t('ui.list.create')}</nusa-button>`
          : nothing
      }
      ${this.#list.error ? html`<nusa-failure .error=${this.#list.error} .retry=${this.#list.load}></nusa-failure>` : this.#body(none)}
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
      <nusa-table label=${t('sites.nav')} .rows=${this.#list.items} .columns=${this.#columns()} .rowKey=${(site: Site) => site.id}>
        ${none ? this.#first() : html`<nusa-empty slot="empty" icon="search" heading=${t('ui.list.no-match', { search: this.search })}></nusa-empty>`}
      </nusa-table>
      <nusa-more .list=${this.#list}></nusa-more>`
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
        cell: site => html`<nusa-sites-badge state=${lookOf(site)}></nusa-sites-badge>`,
      },
      {
        id: 'created',
        label: t('ui.column.created'),
        cell: site => html`<nusa-time value=${site.createdAt}></nusa-time>`,
      },
      ...this.#rowActions(),
      { id: 'open', label: t('ui.open'), hideLabel: true, kind: 'end', cell: site => this.#open(site) },
    ]
  }

  /** Only while some plugin has any. */
  #rowActions(): readonly Column<Site>[] {
    if (!slotEntries('sites.rowActions').length) return []
    return [
      {
        id: 'actions',
        label: t('ui.column.actions'),
        hideLabel: true,
        kind: 'end',
        cell: site => html`<nusa-slot compact name="sites.rowActions" .properties=${{ siteId: site.id }}></nusa-slot>`,
      },
    ]
  }

  #open(site: Site): TemplateResult | typeof nothing {
    if (!this.ports || site.state !== 'active') return nothing
    return html`<nusa-button
      small
      variant="quiet"
      icon="external"
      href=${siteUrl(site.domain, site.runtime.type, this.ports)}
      target="_blank"
      label=${t('ui.open.label', { domain: site.unicodeDomain })}
      >${t('ui.open')}</nusa-button
    >`
  }
}
