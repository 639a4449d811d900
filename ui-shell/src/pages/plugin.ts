import {
  api,
  formatBytes,
  may,
  NusaElement,
  refreshContributions,
  type ShellInfo,
  t,
  toast,
  toastProblem,
} from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './plugin-badge.js'
import './plugin-privileges.js'
import { inLanguage, type PluginInfo, whyNot } from './plugin-info.js'
import type { Privilege } from './plugin-privileges.js'

/** `GET /api/v1/plugins/:id/privileges`. */
interface PrivilegesAnswer {
  readonly state: string
  readonly items: readonly Privilege[]
  /** Privileges whose program is missing on this machine. */
  readonly unavailable: readonly { readonly name: string; readonly bin: string }[]
}

/** One plugin: what it may do as root, in words, and its switch. */
@customElement('nusa-plugin-page')
export class PluginPage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      nusa-callout,
      .cost {
        margin-bottom: 16px;
      }
    `,
  ]
  @property({ attribute: false }) params: Readonly<Record<string, string>> = {}
  @state() private plugin: PluginInfo | undefined
  @state() private privileges: PrivilegesAnswer | undefined
  @state() private error: unknown
  @state() private busy = false
  @state() private asking = false

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  async #load(): Promise<void> {
    this.error = undefined
    const id = this.params.id ?? ''
    try {
      const path = `/plugins/${encodeURIComponent(id)}`
      const [plugin, privileges] = await Promise.all([
        api.get<PluginInfo>(path),
        api.get<PrivilegesAnswer>(`${path}/privileges`),
      ])
      this.plugin = plugin
      this.privileges = privileges
    } catch (error) {
      this.error = error
    }
  }

  async #switch(on: boolean): Promise<void> {
    this.asking = false
    this.busy = true
    try {
      await api.post(`/plugins/${this.params.id}/${on ? 'enable' : 'disable'}`)
      await refreshContributions(() => api.get<ShellInfo>('/shell'))
      await this.#load()
      toast(t(on ? 'plugin.enabled' : 'plugin.disabled', { name: this.#name }), { tone: 'success' })
    } catch (error) {
      toastProblem(error)
      await this.#load()
    } finally {
      this.busy = false
    }
  }

  get #name(): string {
    return this.plugin ? inLanguage(this.plugin.displayName, this.plugin.id) : (this.params.id ?? '')
  }

  override render(): TemplateResult {
    const plugin = this.plugin
    if (this.error || !plugin)
      return html`<nusa-page narrow heading=${this.params.id ?? ''} back="/plugins" backLabel=${t('plugins.heading')}>
        ${
          this.error
            ? html`<nusa-failure .error=${this.error} .retry=${() => void this.#load()}></nusa-failure>`
            : html`<nusa-skeleton lines="6"></nusa-skeleton>`
        }
      </nusa-page>`
    return html`<nusa-page
      narrow
      heading=${this.#name}
      lead=${inLanguage(plugin.description)}
      back="/plugins"
      backLabel=${t('plugins.heading')}
    >
      <nusa-plugin-badge slot="badge" state=${plugin.state}></nusa-plugin-badge>
      ${this.#button(plugin)} ${this.#warnings(plugin)}
      ${
        plugin.cost
          ? html`<p class="cost muted">
              ${t('plugin.cost', { memory: formatBytes(Math.max(0, plugin.cost.heapBytes)), ms: Math.round(plugin.cost.startMs) })}
            </p>`
          : nothing
      }
      <nusa-plugin-privileges class="panel" .items=${this.privileges?.items ?? []}></nusa-plugin-privileges>
      <nusa-dialog
        heading=${t('plugin.disable.heading', { name: this.#name })}
        ?open=${this.asking}
        @nusa-close=${() => {
          this.asking = false
        }}
      >
        <p>${t('plugin.disable.text')}</p>
        <nusa-button
          slot="footer"
          @click=${() => {
            this.asking = false
          }}
          >${t('action.cancel')}</nusa-button
        >
        <nusa-button slot="footer" variant="danger" @click=${() => void this.#switch(false)}>${t('plugin.disable')}</nusa-button>
      </nusa-dialog>
    </nusa-page>`
  }

  #button(plugin: PluginInfo): TemplateResult | typeof nothing {
    if (!may('plugins:write') || plugin.state === 'rejected') return nothing
    if (plugin.enabled)
      return html`<nusa-button
        slot="actions"
        icon="pause"
        ?busy=${this.busy}
        @click=${() => {
          this.asking = true
        }}
        >${t('plugin.disable')}</nusa-button
      >`
    return html`<nusa-button slot="actions" variant="primary" icon="play" ?busy=${this.busy} @click=${() => void this.#switch(true)}
      >${t('plugin.enable')}</nusa-button
    >`
  }

  #warnings(plugin: PluginInfo): TemplateResult {
    const why = whyNot(plugin)
    const lacks = [
      ...plugin.missing.map(one => t('plugin.missing', one)),
      ...(this.privileges?.unavailable ?? []).map(one => t('plugin.unavailable', one)),
    ]
    return html`${why ? html`<nusa-callout tone="danger" heading=${why.cause}>${why.remedy}</nusa-callout>` : nothing}
    ${
      lacks.length
        ? html`<nusa-callout tone="warning" heading=${t('plugin.lacks')}>${lacks.map(text => html`<p>${text}</p>`)}</nusa-callout>`
        : nothing
    }`
  }
}
