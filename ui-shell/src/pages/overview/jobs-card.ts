import { isSettled, type Job, jobTitle, NusaElement, PagedList, t } from '@nusantara/sdk/ui'
import { css, html, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'

/** The newest jobs, kept up to date. */
@customElement('nusa-jobs-card')
export class JobsCard extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 2px 10px;
        padding: 7px 0;
        border-top: 1px solid var(--nusa-border);
        font-size: var(--nusa-text-sm);
      }
      li:first-child {
        border: 0;
      }
      a {
        flex: 1 1 150px;
        min-width: 0;
        color: var(--nusa-text);
        overflow-wrap: anywhere;
      }
    `,
  ]
  readonly #jobs = new PagedList<Job>(this, {
    path: '/jobs',
    size: 6,
    key: job => job.id,
    moving: job => !isSettled(job),
  })

  override render(): TemplateResult {
    return html`<nusa-card heading=${t('overview.jobs')} icon="activity" href="/jobs">${this.#body()}</nusa-card>`
  }

  #body(): TemplateResult {
    const { items, error, load } = this.#jobs
    if (error) return html`<nusa-failure .error=${error} .retry=${load}></nusa-failure>`
    if (!items) return html`<nusa-skeleton lines="4"></nusa-skeleton>`
    if (!items.length) return html`<p class="small muted">${t('jobs.empty.text')}</p>`
    return html`<ul>
      ${items.map(
        job => html`<li>
          <a href="/jobs/${job.id}">${jobTitle(job)}</a><nusa-job-badge state=${job.state}></nusa-job-badge>
          <nusa-time class="muted" value=${job.createdAt}></nusa-time>
        </li>`,
      )}
    </ul>`
  }
}
