import { api, formatBytes, NusaElement } from '@nusantara/sdk/ui'
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { LogName, Site, SiteLog } from '../api.js'
import { t } from './texts.js'

/** The newest lines of a site's logs, with a filter. */
@customElement('nusa-sites-log')
export class SiteLogView extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: flex-end;
        gap: 12px;
        margin-bottom: 12px;
      }
      nusa-select {
        width: 170px;
      }
      nusa-text-field {
        flex: 1 1 180px;
        max-width: 340px;
      }
      pre {
        max-height: 60vh;
        padding: 12px 14px;
        overflow: auto;
        border: 1px solid var(--nusa-border);
        border-radius: var(--nusa-radius-lg);
        background: var(--nusa-surface);
        font-size: 0.78rem;
        line-height: 1.6;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
    `,
  ]
  @property({ attribute: false }) site?: Site
  @state() private name: LogName = 'access'
  @state() private filter = ''
  @state() private log: SiteLog | undefined
  @state() private error: unknown
  @state() private busy = false
  #timer: ReturnType<typeof setTimeout> | undefined

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.get('site') === undefined && changed.has('site')) void this.#load()
  }

  async #load(): Promise<void> {
    this.busy = true
    try {
      const query = { log: this.name, lines: 300, q: this.filter || undefined }
      this.log = await api.get<SiteLog>(`/sites/${this.site?.id}/logs`, { query })
      this.error = undefined
      await this.updateComplete
      const shown = this.renderRoot.querySelector('pre')
      if (shown) shown.scrollTop = shown.scrollHeight
    } catch (error) {
      this.error = error
    } finally {
      this.busy = false
    }
  }

  override render(): TemplateResult {
    const names: readonly LogName[] =
      this.site?.runtime.type === 'php' ? ['access', 'error', 'php'] : ['access', 'error']
    return html`<div class="bar">
        <nusa-select
          label=${t('ui.log.which')}
          .value=${this.name}
          .options=${names.map(value => ({ value, label: t(`ui.log.${value}`) }))}
          @nusa-change=${(event: CustomEvent<{ value: LogName }>) => {
            this.name = event.detail.value
            this.log = undefined
            void this.#load()
          }}
        ></nusa-select>
        <nusa-text-field
          type="search"
          label=${t('ui.log.filter')}
          .value=${this.filter}
          @nusa-change=${(event: CustomEvent<{ value?: string }>) => {
            this.filter = event.detail.value ?? ''
            clearTimeout(this.#timer)
            this.#timer = setTimeout(() => void this.#load(), 250)
          }}
        ></nusa-text-field>
        <nusa-button icon="refresh" ?busy=${this.busy} @click=${() => void this.#load()}>${t('ui.log.refresh')}</nusa-button>
      </div>
      ${this.#lines()}`
  }

  #lines(): TemplateResult {
    if (this.error) return html`<nusa-failure .error=${this.error} .retry=${() => void this.#load()}></nusa-failure>`
    const { log } = this
    if (!log) return html`<nusa-skeleton lines="8"></nusa-skeleton>`
    if (!log.lines.length && this.filter)
      return html`<nusa-empty icon="search" heading=${t('ui.log.no-match', { search: this.filter })}></nusa-empty>`
    if (!log.lines.length)
      return html`<nusa-empty icon="file-text" heading=${t('ui.log.empty')} text=${t('ui.log.empty.text')}></nusa-empty>`
    return html`<pre tabindex="0" role="region" aria-label=${t(`ui.log.${log.log}`)}>${log.lines.join('\n')}</pre>
      ${log.truncated ? html`<p class="small muted">${t('ui.log.truncated', { size: formatBytes(log.size) })}</p>` : nothing}`
  }
}
