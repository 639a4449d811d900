import { api, type Column, NusaElement, type Page, t } from '@nusantara/sdk/ui'
import { html, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './plugin-badge.js'
import { inLanguage, type PluginInfo, whyNot } from './plugin-info.js'

/** What is installed and whether it runs. */
@customElement('nusa-plugins-page')
export class PluginsPage extends NusaElement {
  @state() private plugins: readonly PluginInfo[] | undefined
  @state() private error: unknown

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  async #load(): Promise<void> {
    this.error = undefined
    try {
      this.plugins = (await api.get<Page<PluginInfo>>('/plugins')).items
    } catch (error) {
      this.error = error
    }
  }

  override render(): TemplateResult {
    return html`<nusa-page heading=${t('plugins.heading')} lead=${t('plugins.lead')}>
      ${
        this.error
          ? html`<nusa-failure .error=${this.error} .retry=${() => void this.#load()}></nusa-failure>`
          : html`<nusa-table
            label=${t('plugins.heading')}
            .rows=${this.plugins}
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
