import { isSettled, type Job, jobTitle, NusaElement, PagedList, t } from '@nusantara/sdk/ui'
import { css, html, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'

/** The newest jobs in short, kept up to date. Fires `nusa-job` with the id of the one that the reader chose. */
@customElement('nusa-latest-jobs')
export class LatestJobs extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
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
    `,
  ]
  #jobs = new PagedList<Job>(this, { path: '/jobs', key: job => job.id, moving: job => !isSettled(job) })

  override render(): TemplateResult {
    const { items, error, load } = this.#jobs
    if (error) return html`<nusa-failure .error=${error} .retry=${load}></nusa-failure>`
    if (!items) return html`<nusa-skeleton lines="6"></nusa-skeleton>`
    if (!items.length)
      return html`<nusa-empty icon="activity" heading=${t('jobs.empty')} text=${t('jobs.empty.text')}></nusa-empty>`
    return html`<ul>
        ${items.map(
          job => html`<li>
            <button type="button" @click=${() => this.emit('nusa-job', job.id)}>
              <span class="title">${jobTitle(job)}</span><nusa-job-badge state=${job.state}></nusa-job-badge>
              <nusa-time class="small muted" value=${job.createdAt}></nusa-time>
            </button>
          </li>`,
        )}
      </ul>
      <nusa-more .list=${this.#jobs}></nusa-more>`
  }
}
