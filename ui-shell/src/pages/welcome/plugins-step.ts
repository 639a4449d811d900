import {
  api,
  formatBytes,
  Loaded,
  may,
  NusaElement,
  type Onboarding,
  type Page,
  refreshContributions,
  type ShellInfo,
  toastProblem,
} from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { live } from 'lit/directives/live.js'
import { repeat } from 'lit/directives/repeat.js'
import '../plugin-badge.js'
import { inLanguage, type PluginInfo, whyNot } from '../plugin-info.js'
import '../plugin-privileges.js'
import type { Privilege } from '../plugin-privileges.js'
import { t } from './texts.js'

/** Which features this server has: each is a plugin, with what it does, what it costs and what it may do as root. */
@customElement('nusa-welcome-plugins')
export class PluginsStep extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .plugin {
        display: grid;
        gap: 4px;
      }
      .plugin p,
      details {
        margin-left: 26px;
      }
      .plugin p {
        color: var(--nusa-muted);
        font-size: var(--nusa-text-sm);
        line-height: 1.5;
      }
      .why {
        color: var(--nusa-danger);
      }
      summary {
        width: fit-content;
        cursor: pointer;
        border-radius: 4px;
        font-size: var(--nusa-text-sm);
      }
      nusa-plugin-privileges {
        display: block;
        margin-top: 12px;
      }
    `,
  ]
  @property({ attribute: false }) onboarding!: Onboarding
  readonly #plugins = new Loaded<Page<PluginInfo>>(this, '/plugins')
  /** The one that is being switched, shown as it shall be. */
  @state() private switching: { readonly id: string; readonly on: boolean } | undefined
  @state() private privileges: Readonly<Record<string, readonly Privilege[] | 'failed'>> = {}

  override connectedCallback(): void {
    super.connectedCallback()
    this.onboarding.settle(true)
  }

  async #switch({ id }: PluginInfo, on: boolean): Promise<void> {
    if (this.switching) return
    this.switching = { id, on }
    try {
      await api.post(`/plugins/${id}/${on ? 'enable' : 'disable'}`)
      await refreshContributions(() => api.get<ShellInfo>('/shell'))
    } catch (error) {
      toastProblem(error)
    } finally {
      await this.#plugins.ask()
      this.switching = undefined
    }
  }

  async #explain(id: string): Promise<void> {
    if (Array.isArray(this.privileges[id])) return
    try {
      const { items } = await api.get<{ items: readonly Privilege[] }>(`/plugins/${id}/privileges`)
      this.privileges = { ...this.privileges, [id]: items }
    } catch (error) {
      toastProblem(error)
      this.privileges = { ...this.privileges, [id]: 'failed' }
    }
  }

  override render(): TemplateResult {
    const { found, error, ask } = this.#plugins
    if (error && !found) return html`<nusa-failure .error=${error} .retry=${ask}></nusa-failure>`
    if (!found) return html`<section class="panel"><nusa-skeleton lines="6"></nusa-skeleton></section>`
    return html`<div class="stack">
      ${repeat(
        found.items,
        ({ id }) => id,
        plugin => this.#plugin(plugin),
      )}
    </div>`
  }

  #plugin(plugin: PluginInfo): TemplateResult {
    const { id, enabled, displayName, description, state, cost } = plugin
    const why = whyNot(plugin)
    return html`<section class="panel plugin">
      <div class="spread">
        <nusa-checkbox
          label=${inLanguage(displayName, id)}
          .checked=${live(this.switching?.id === id ? this.switching.on : enabled)}
          ?disabled=${!may('plugins:write') || state === 'rejected' || this.switching !== undefined}
          @nusa-change=${(event: CustomEvent<{ value: boolean }>) => void this.#switch(plugin, event.detail.value)}
        ></nusa-checkbox>
        <nusa-plugin-badge state=${state}></nusa-plugin-badge>
      </div>
      <p>${inLanguage(description)}</p>
      ${why ? html`<p class="why">${why.cause} ${why.remedy}</p>` : nothing}
      <p>
        ${
          cost
            ? t('plugin.cost', { memory: formatBytes(Math.max(0, cost.heapBytes)), ms: Math.round(cost.startMs) })
            : t('plugins.cost.none')
        }
      </p>
      <details
        @toggle=${(event: Event) => {
          if ((event.target as HTMLDetailsElement).open) void this.#explain(id)
        }}
      >
        <summary>${t('plugins.privileges')}</summary>
        ${this.#privileges(id)}
      </details>
    </section>`
  }

  #privileges(id: string): TemplateResult | typeof nothing {
    const items = this.privileges[id]
    if (items === 'failed') return nothing
    if (!items) return html`<nusa-skeleton lines="3"></nusa-skeleton>`
    return html`<nusa-plugin-privileges .items=${items}></nusa-plugin-privileges>`
  }
}
