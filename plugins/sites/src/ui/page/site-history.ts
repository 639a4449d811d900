import { api, type Job, jobTitle, Latest, may, NusaElement } from '@nusantara/sdk/ui'
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { Site } from '../../api.js'
import { t } from '../texts.js'

/** What was done to a site last, each with its job. */
@customElement('nusa-sites-history')
export class SiteHistory extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      h2 {
        margin-bottom: 10px;
        font-size: var(--nusa-text-md);
      }
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 2px 14px;
        padding: 8px 0;
        border-top: 1px solid var(--nusa-border);
        font-size: var(--nusa-text-md);
      }
      a {
        overflow-wrap: anywhere;
      }
      .when {
        grid-column: 1 / -1;
        color: var(--nusa-muted);
        font-size: var(--nusa-text-sm);
      }
    `,
  ]
  @property({ attribute: false }) site!: Site
  @state() private jobs: readonly Job[] = []
  readonly #latest = new Latest()

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('site') && may('jobs:read')) void this.#load()
  }

  async #load(): Promise<void> {
    const current = this.#latest.begin()
    try {
      const query = { resource: this.site.id, limit: 6 }
      const { items } = await api.get<{ items: readonly Job[] }>('/jobs', { query })
      if (current()) this.jobs = items
    } catch (error) {
      // It is an aid; the page of all jobs says what is wrong.
      console.warn('the jobs of the site are not known', error)
    }
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.jobs.length) return nothing
    return html`<section class="panel" aria-labelledby="history">
      <h2 id="history">${t('ui.history')}</h2>
      <ul>
        ${this.jobs.map(
          job => html`<li>
            <a href="/jobs/${job.id}">${jobTitle(job)}</a>
            <nusa-job-badge state=${job.state}></nusa-job-badge>
            <span class="when"><nusa-time value=${job.createdAt}></nusa-time>${by(job)}</span>
          </li>`,
        )}
      </ul>
    </section>`
  }
}

function by({ actor }: Job): string {
  const name = typeof actor === 'string' ? actor : actor?.name
  return name ? ` · ${name}` : ''
}
