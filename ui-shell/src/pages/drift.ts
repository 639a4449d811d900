import { api, may, NusaElement, type Tone, t, toast, toastProblem } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'

/** An entry of `GET /api/v1/drift`. */
interface DriftedFile {
  readonly plugin: string
  readonly path: string
  readonly kind: 'modified' | 'missing' | 'foreign'
  readonly diff: string
}

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
      footer {
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
  @state() private settling = ''

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  async #load(): Promise<void> {
    this.error = undefined
    try {
      this.files = (await api.get<{ items: readonly DriftedFile[] }>('/drift')).items
    } catch (error) {
      this.error = error
    }
  }

  async #settle(file: DriftedFile, action: 'adopt' | 'discard'): Promise<void> {
    this.settling = file.path
    try {
      await api.post('/drift', { plugin: file.plugin, path: file.path, action })
      toast(t(action === 'adopt' ? 'drift.adopted' : 'drift.discarded'), { tone: 'success', detail: file.path })
      await this.#load()
    } catch (error) {
      toastProblem(error)
    } finally {
      this.settling = ''
    }
  }

  override render(): TemplateResult {
    return html`<nusa-page heading=${t('drift.heading')} lead=${t('drift.lead')}>
      ${
        this.error
          ? html`<nusa-failure .error=${this.error} .retry=${() => void this.#load()}></nusa-failure>`
          : this.files
            ? this.#list(this.files)
            : html`<nusa-skeleton lines="6"></nusa-skeleton>`
      }
    </nusa-page>`
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
    const busy = this.settling === file.path
    return html`<footer class="row">
      <nusa-button icon="check" ?busy=${busy} @click=${() => void this.#settle(file, 'adopt')}>${t('drift.adopt')}</nusa-button>
      <nusa-button icon="undo" ?busy=${busy} @click=${() => void this.#settle(file, 'discard')}>${t('drift.discard')}</nusa-button>
    </footer>`
  }
}
