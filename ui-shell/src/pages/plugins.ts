import { type Column, formatBytes, NusaElement, PagedList, t } from '@nusantara/sdk/ui'
import { html, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import './plugin-badge.js'
import { inLanguage, type PluginInfo, whyNot } from './plugin-info.js'

/** What is installed and whether it runs. */
@customElement('nusa-plugins-page')
export class PluginsPage extends NusaElement {
  readonly #plugins = new PagedList<PluginInfo>(this, { path: '/plugins', whole: true, key: plugin => plugin.id })

  override render(): TemplateResult {
    return html`<nusa-page heading=${t('plugins.heading')} lead=${t('plugins.lead')}>
      ${
        this.#plugins.error
          ? html`<nusa-failure .error=${this.#plugins.error} .retry=${this.#plugins.load}></nusa-failure>`
          : html`<nusa-table
            label=${t('plugins.heading')}
            .rows=${this.#plugins.items}
            .columns=${this.#columns()}
            .rowKey=${(plugin: PluginInfo) => plugin.id}
          >
            <nusa-empty slot="empty" icon="puzzle" heading=${t('plugins.empty')} text=${t('plugins.empty.text')}></nusa-empty>
          </nusa-table>`
      }
    </nusa-page>`
  }

  #columns(): readonly Column<PluginInfo>[] {
    return [
      {
        id: 'name',
        label: t('plugins.column.name'),
        kind: 'main',
        cell: plugin => html`<a href="/plugins/${plugin.id}">${inLanguage(plugin.displayName, plugin.id)}</a>
          <span class="sub">${whyNot(plugin)?.cause ?? inLanguage(plugin.description)}</span>`,
      },
      {
        id: 'cost',
        label: t('plugins.column.cost'),
        kind: 'fit',
        cell: ({ cost }) => (cost ? formatBytes(Math.max(0, cost.heapBytes)) : '–'),
      },
      { id: 'version', label: t('plugins.column.version'), kind: 'fit', cell: plugin => plugin.version ?? '' },
      {
        id: 'state',
        label: t('plugins.column.state'),
        kind: 'fit',
        cell: plugin => html`<nusa-plugin-badge state=${plugin.state}></nusa-plugin-badge>`,
      },
    ]
  }
}
