import { api, diffLines, Latest, may, NusaElement, toast, toastProblem } from '@nusantara/sdk/ui'
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { Site } from '../../api.js'
import { t } from '../texts.js'

/** An entry of `GET /api/v1/drift`. */
interface DriftedFile {
  readonly path: string
  readonly kind: 'modified' | 'missing' | 'foreign'
  readonly diff: string
  /** Of the edit as it was shown. */
  readonly hash: string
}

/** What was edited by hand, as far as the site's own directives can hold it; the detail of `nusa-sites-merge`. */
export interface Merge {
  readonly path: string
  /** Of the edit as it was shown. */
  readonly hash: string
  /** Lines that were added, without the indentation that they share. */
  readonly added: string
  /** How many lines were removed; they come back. */
  readonly removed: number
}

/**
 * Files of the site that somebody edited by hand: the edit, and whether it becomes the truth, is taken back, or goes into the
 * site's directives (`nusa-sites-merge`), so that it stays whatever is changed later.
 */
@customElement('nusa-sites-drift')
export class SiteDrift extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      :host(:not([found])) {
        display: none;
      }
      article {
        border: 1px solid var(--nusa-border);
        border-left: 3px solid var(--nusa-warning);
        border-radius: var(--nusa-radius-lg);
        background: var(--nusa-surface);
        overflow: hidden;
        --nusa-diff-height: 240px;
      }
      header,
      footer {
        padding: 12px 16px;
      }
      h2 {
        font-size: var(--nusa-text-md);
      }
      header p {
        margin-top: 2px;
        overflow-wrap: anywhere;
      }
    `,
  ]
  @property({ attribute: false }) site!: Site
  @property({ type: Boolean, reflect: true }) found = false
  @state() private files: readonly DriftedFile[] = []
  @state() private settling = ''
  readonly #latest = new Latest()

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('site')
    if (changed.has('site') && before?.updatedAt !== this.site.updatedAt) void this.#load()
  }

  async #load(): Promise<void> {
    const current = this.#latest.begin()
    try {
      const { items } = await api.get<{ items: readonly DriftedFile[] }>('/drift', { query: { plugin: 'sites' } })
      if (!current()) return
      // Every file of a site carries its tenant in its path: that is how files are named.
      this.files = items.filter(({ path, kind }) => path.includes(this.site.tenant) && kind !== 'foreign')
      this.found = this.files.length > 0
    } catch (error) {
      // What it would say stands on the page of all hand edits, too; the site's own page goes on without.
      console.warn('hand edits could not be looked for', error)
    }
  }

  async #settle({ path }: DriftedFile, action: 'adopt' | 'discard'): Promise<void> {
    this.settling = path
    try {
      await api.post('/drift', { plugin: 'sites', path, action })
      toast(t(action === 'adopt' ? 'drift.adopted' : 'drift.discarded'), { tone: 'success', detail: path })
      await this.#load()
    } catch (error) {
      toastProblem(error)
    } finally {
      this.settling = ''
    }
  }

  override render(): TemplateResult {
    return html`<div class="stack">${this.files.map(file => this.#file(file))}</div>`
  }

  #file(file: DriftedFile): TemplateResult {
    return html`<article>
      <header>
        <h2>${t(file.kind === 'missing' ? 'ui.drift.missing' : 'ui.drift.modified')}</h2>
        <p class="mono small muted">${file.path}</p>
      </header>
      ${file.diff ? html`<nusa-diff .diff=${file.diff} label=${t('plan.diff', { path: file.path })}></nusa-diff>` : nothing}
      ${may('changes:write') ? this.#choice(file) : nothing}
    </article>`
  }

  #choice(file: DriftedFile): TemplateResult {
    const busy = this.settling === file.path
    const merge = may('sites:directives') ? mergeOf(file, this.site) : undefined
    return html`<footer class="row">
      ${
        merge
          ? html`<nusa-button icon="arrow-right" ?disabled=${busy} @click=${() => this.emit('nusa-sites-merge', merge)}
              >${t('ui.drift.merge')}</nusa-button
            >`
          : nothing
      }
      <nusa-button icon="check" ?busy=${busy} @click=${() => void this.#settle(file, 'adopt')}>${t('drift.adopt')}</nusa-button>
      <nusa-button icon="undo" ?busy=${busy} @click=${() => void this.#settle(file, 'discard')}>${t('drift.discard')}</nusa-button>
    </footer>`
  }
}

/** Only the site's own file of the web server has a place for further directives. */
function mergeOf({ path, hash, kind, diff }: DriftedFile, { tenant, state }: Site): Merge | undefined {
  if (kind !== 'modified' || state !== 'active' || !path.endsWith(`/nusantara.d/${tenant}.conf`)) return undefined
  const lines = diffLines(diff)
  const added = lines.filter(line => line.kind === 'add').map(({ text }) => text.slice(1).trimEnd())
  if (!added.some(Boolean)) return undefined
  const indents = added.filter(Boolean).map(text => text.length - text.trimStart().length)
  const shared = Math.min(...indents)
  return {
    path,
    hash,
    added: added.map(text => text.slice(shared)).join('\n'),
    removed: lines.filter(line => line.kind === 'del').length,
  }
}
