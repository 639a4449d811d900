import { api, NusaElement, type Page, t } from '@nusantara/sdk/ui'
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './change-badge.js'
import { type Change, touched } from './change-wire.js'

/** What a job changed in the configuration; nothing when it changed none. */
@customElement('nusa-job-changes')
export class JobChanges extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      section {
        margin-top: 16px;
      }
      h2 {
        margin-bottom: 8px;
        font-size: var(--nusa-text-md);
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 12px;
        padding: 8px 0;
        border-top: 1px solid var(--nusa-border);
      }
      .files {
        flex: 1 1 220px;
        min-width: 0;
        overflow-wrap: anywhere;
      }
    `,
  ]
  @property({ attribute: 'job-id' }) jobId = ''
  @state() private changes: readonly Change[] = []

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('jobId') && this.jobId) void this.#load(this.jobId)
  }

  async #load(job: string): Promise<void> {
    try {
      this.changes = (await api.get<Page<Change>>('/changes', { query: { job } })).items
    } catch (error) {
      // An aid; the page of all changes says what is wrong.
      console.warn('the changes of the job are not known', error)
    }
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.changes.length) return nothing
    return html`<section class="panel">
      <h2>${t('job.changes')}</h2>
      <ul>
        ${this.changes.map(
          change => html`<li>
            <a class="files mono small" href="/changes/${change.id}">${names(change)}</a>
            <nusa-change-badge state=${change.state}></nusa-change-badge>
          </li>`,
        )}
      </ul>
    </section>`
  }
}

function names(change: Change): string {
  const files = touched(change).map(({ path }) => path.split('/').slice(-2).join('/'))
  return files.join(', ') || `${change.plugin} · ${change.change}`
}
