import { api, asProblem, formatBytes, NusaElement } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { LogName, Site, SiteLog } from '../../api.js'
import { t } from '../texts.js'

/** Between two looks while it is followed. Milliseconds. */
const pace = 2_000
/** After the last key before a filter is sent. Milliseconds. */
const pause = 250

/** The newest lines of a site's logs, with a filter, followed when told to. */
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
      nusa-callout {
        margin-bottom: 12px;
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
  @property({ attribute: false }) site!: Site
  @state() private name: LogName = 'access'
  @state() private filter = ''
  @state() private log: SiteLog | undefined
  @state() private error: unknown
  @state() private busy = false
  @state() private following = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #abort = new AbortController()

  override connectedCallback(): void {
    super.connectedCallback()
    void this.updateComplete.then(() => this.#load())
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
    this.#abort.abort()
  }

  /** A newer request takes the place of one that is still under way. */
  #load = async (): Promise<void> => {
    clearTimeout(this.#timer)
    this.#abort.abort()
    const abort = new AbortController()
    this.#abort = abort
    this.busy = true
    try {
      const query = { log: this.name, lines: 300, q: this.filter || undefined }
      const log = await api.get<SiteLog>(`/sites/${this.site.id}/logs`, { query, signal: abort.signal })
      const atEnd = this.#atEnd
      this.log = log
      this.error = undefined
      await this.updateComplete
      if (atEnd) this.#toEnd()
    } catch (error) {
      if (abort.signal.aborted) return
      this.error = error
    }
    this.busy = false
    if (this.following && !abort.signal.aborted) this.#soon(this.error ? 4 * pace : pace)
  }

  #soon(milliseconds: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#load(), milliseconds)
  }

  /** Whether the reader is at the newest line: only then new ones are scrolled to. */
  get #atEnd(): boolean {
    const shown = this.renderRoot.querySelector('pre')
    return !shown || shown.scrollHeight - shown.scrollTop - shown.clientHeight < 30
  }

  #toEnd(): void {
    const shown = this.renderRoot.querySelector('pre')
    if (shown) shown.scrollTop = shown.scrollHeight
  }

  override render(): TemplateResult {
    const names: readonly LogName[] =
      this.site.runtime.type === 'php' ? ['access', 'error', 'php'] : ['access', 'error']
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
            this.#soon(pause)
          }}
        ></nusa-text-field>
        <nusa-button
          icon=${this.following ? 'pause' : 'play'}
          aria-pressed=${this.following ? 'true' : 'false'}
          @click=${() => {
            this.following = !this.following
            void this.#load()
          }}
          >${t('ui.log.follow')}</nusa-button
        >
        ${
          this.following
            ? nothing
            : html`<nusa-button icon="refresh" ?busy=${this.busy} @click=${this.#load}>${t('ui.log.refresh')}</nusa-button>`
        }
      </div>
      ${this.error && this.log ? this.#stale() : nothing} ${this.#lines()}`
  }

  /** Above lines that a failed refresh left as they were. */
  #stale(): TemplateResult {
    const { reason, remedy } = asProblem(this.error)
    return html`<nusa-callout tone="warning" heading=${reason}>${remedy ?? nothing}</nusa-callout>`
  }

  #lines(): TemplateResult {
    const { log } = this
    if (this.error && !log) return html`<nusa-failure .error=${this.error} .retry=${this.#load}></nusa-failure>`
    if (!log) return html`<nusa-skeleton lines="8"></nusa-skeleton>`
    if (!log.lines.length && this.filter)
      return html`<nusa-empty icon="search" heading=${t('ui.log.no-match', { search: this.filter })}></nusa-empty>`
    if (!log.lines.length)
      return html`<nusa-empty icon="file-text" heading=${t('ui.log.empty')} text=${t('ui.log.empty.text')}></nusa-empty>`
    return html`<pre tabindex="0" role="region" aria-label=${t(`ui.log.${log.log}`)}>${log.lines.join('\n')}</pre>
      ${log.truncated ? html`<p class="small muted">${t('ui.log.truncated', { size: formatBytes(log.size) })}</p>` : nothing}`
  }
}
