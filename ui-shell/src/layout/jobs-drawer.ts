import { api, type Job, jobTitle, NusaElement, openJobEvent, type Page, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'

/** Opens the drawer with the latest jobs. */
export function openJobs(): void {
  window.dispatchEvent(new CustomEvent(openJobEvent))
}

/** The latest jobs, or one as it happens, beside whatever page is open. */
@customElement('nusa-jobs-drawer')
export class JobsDrawer extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host {
        display: contents;
      }
      li {
        border-bottom: 1px solid var(--nusa-border);
      }
      li:last-child {
        border: 0;
      }
      button {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 2px 10px;
        width: 100%;
        padding: 11px 6px;
        border: 0;
        border-radius: 6px;
        background: none;
        text-align: left;
        cursor: pointer;
      }
      button:hover {
        background: var(--nusa-hover);
      }
      .title {
        flex: 1 1 180px;
        font-weight: 540;
        overflow-wrap: anywhere;
      }
      nusa-time {
        flex-basis: 100%;
      }
      .top {
        margin-bottom: 14px;
      }
    `,
  ]
  @state() private open = false
  @state() private jobId = ''
  @state() private jobs: readonly Job[] | undefined
  @state() private error: unknown

  override connectedCallback(): void {
    super.connectedCallback()
    window.addEventListener(openJobEvent, this.#asked)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    window.removeEventListener(openJobEvent, this.#asked)
  }

  #asked = (event: Event): void => {
    this.jobId = (event as CustomEvent<string | null>).detail ?? ''
    this.open = true
    if (!this.jobId) void this.#load()
  }

  async #load(): Promise<void> {
    this.error = undefined
    try {
      this.jobs = (await api.get<Page<Job>>('/jobs', { query: { limit: 15 } })).items
    } catch (error) {
      this.error = error
    }
  }

  override render(): TemplateResult {
    return html`<nusa-dialog
      side="end"
      heading=${t('drawer.heading')}
      ?open=${this.open}
      @nusa-close=${() => {
        this.open = false
      }}
    >
      ${this.open ? (this.jobId ? this.#one() : this.#list()) : nothing}
      <nusa-button
        slot="footer"
        href="/jobs"
        @click=${() => {
          this.open = false
        }}
        >${t('drawer.all')}</nusa-button
      >
    </nusa-dialog>`
  }

  #one(): TemplateResult {
    return html`<nusa-button
        class="top"
        small
        variant="quiet"
        icon="arrow-left"
        @click=${() => {
          this.jobId = ''
          void this.#load()
        }}
        >${t('drawer.back')}</nusa-button
      >
      <nusa-job job-id=${this.jobId}></nusa-job>`
  }

  #list(): TemplateResult {
    if (this.error) return html`<nusa-failure .error=${this.error} .retry=${() => void this.#load()}></nusa-failure>`
    if (!this.jobs) return html`<nusa-skeleton lines="6"></nusa-skeleton>`
    if (!this.jobs.length)
      return html`<nusa-empty icon="activity" heading=${t('jobs.empty')} text=${t('jobs.empty.text')}></nusa-empty>`
    return html`<ul>
      ${this.jobs.map(
        job => html`<li>
          <button
            type="button"
            @click=${() => {
              this.jobId = job.id
            }}
          >
            <span class="title">${jobTitle(job)}</span><nusa-job-badge state=${job.state}></nusa-job-badge>
            <nusa-time class="small muted" value=${job.createdAt}></nusa-time>
          </button>
        </li>`,
      )}
    </ul>`
  }
}
