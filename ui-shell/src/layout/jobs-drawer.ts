import { NusaElement, openJobEvent, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './latest-jobs.js'

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
      .top {
        margin-bottom: 14px;
      }
    `,
  ]
  @state() private open = false
  @state() private jobId = ''
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
        }}
        >${t('drawer.back')}</nusa-button
      >
      <nusa-job job-id=${this.jobId}></nusa-job>`
  }

  #list(): TemplateResult {
    return html`<nusa-latest-jobs
      @nusa-job=${(event: CustomEvent<string>) => {
        this.jobId = event.detail
      }}
    ></nusa-latest-jobs>`
  }
}
