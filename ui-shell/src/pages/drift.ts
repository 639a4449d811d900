import { api, may, NusaElement, type Tone, t, toast } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './settle-edit.js'
import type { DriftedFile, Settling } from './drifted-file.js'

const tones: Readonly<Record<DriftedFile['kind'], Tone>> = {
  modified: 'warning',
  missing: 'danger',
  foreign: 'neutral',
}

/** Managed files that somebody edited by hand: the edit, and whether it becomes the truth or is taken back. */
@customElement('nusa-drift-page')
export class DriftPage extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      article {
        border: 1px solid var(--nusa-border);
        border-radius: var(--nusa-radius-lg);
        background: var(--nusa-surface);
        overflow: hidden;
      }
      header,
      footer,
      article > p {
        padding: 12px 16px;
      }
      h2 {
        font-size: var(--nusa-text-md);
        overflow-wrap: anywhere;
      }
    `,
  ]
  @state() private files: readonly DriftedFile[] | undefined
  @state() private error: unknown
  @state() private settling: Settling | undefined
  @state() private looking = false

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  #load = async (): Promise<void> => {
    this.looking = true
    try {
      this.files = (await api.get<{ items: readonly DriftedFile[] }>('/drift')).items
      this.error = undefined
    } catch (error) {
      this.error = error
    } finally {
      this.looking = false
    }
  }

  override render(): TemplateResult {
    return html`<nusa-page heading=${t('drift.heading')} lead=${t('drift.lead')}>
      <nusa-button slot="actions" icon="history" href="/changes">${t('nav.changes')}</nusa-button>
      <nusa-button slot="actions" icon="refresh" ?busy=${this.looking} @click=${this.#load}>${t('drift.look')}</nusa-button>
      ${
        this.error
          ? html`<nusa-failure .error=${this.error} .retry=${() => void this.#load()}></nusa-failure>`
          : this.files
            ? this.#list(this.files)
            : html`<nusa-skeleton lines="6"></nusa-skeleton>`
      }
      <nusa-settle-edit
        .settling=${this.settling}
        @nusa-close=${() => {
          this.settling = undefined
        }}
        @nusa-settled=${(event: CustomEvent<Settling>) => this.#settled(event.detail)}
        @nusa-outdated=${this.#again}
      ></nusa-settle-edit>
    </nusa-page>`
  }

  #settled({ file, action }: Settling): void {
    this.settling = undefined
    toast(t(action === 'adopt' ? 'drift.adopted' : 'drift.discarded'), { tone: 'success', detail: file.path })
    void this.#load()
  }

  /** The file was edited again meanwhile: what is asked about is the edit as it is now. */
  #again = async (): Promise<void> => {
    await this.#load()
    const { settling } = this
    const file = this.files?.find(({ path }) => path === settling?.file.path)
    this.settling = settling && file ? { ...settling, file } : undefined
  }

  #list(files: readonly DriftedFile[]): TemplateResult {
    if (!files.length)
      return html`<div class="panel">
        <nusa-empty icon="check-circle" heading=${t('drift.empty')} text=${t('drift.empty.text')}></nusa-empty>
      </div>`
    return html`<div class="stack">${files.map(file => this.#file(file))}</div>`
  }

  #file(file: DriftedFile): TemplateResult {
    return html`<article>
      <header class="spread">
        <h2 class="mono">${file.path}</h2>
        <nusa-badge tone=${tones[file.kind]} icon="edit">${t(`drift.kind.${file.kind}`)}</nusa-badge>
      </header>
      ${file.diff ? html`<nusa-diff .diff=${file.diff} label=${t('plan.diff', { path: file.path })}></nusa-diff>` : nothing}
      ${file.kind === 'foreign' ? html`<p class="muted">${t('drift.foreign.text')}</p>` : nothing}
      ${may('changes:write') && file.kind !== 'foreign' ? this.#actions(file) : nothing}
    </article>`
  }

  #actions(file: DriftedFile): TemplateResult {
    const ask = (action: Settling['action']) => () => {
      this.settling = { file, action }
    }
    return html`<footer class="row">
      <nusa-button icon="check" @click=${ask('adopt')}>${t('drift.adopt')}</nusa-button>
      <nusa-button icon="undo" @click=${ask('discard')}>${t('drift.discard')}</nusa-button>
    </footer>`
  }
}
