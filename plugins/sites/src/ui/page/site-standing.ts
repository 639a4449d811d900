import {
  api,
  isSettled,
  type Job,
  jobProblem,
  jobTitle,
  may,
  NusaElement,
  session,
  toastProblem,
} from '@nusantara/sdk/ui'
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { Site } from '../../api.js'
import { t } from '../texts.js'

/** How a site stands when it does not simply answer: suspended, being made or deleted, or left halfway by a job, with the way out. */
@customElement('nusa-sites-standing')
export class SiteStanding extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .ways {
        margin-top: 10px;
      }
    `,
  ]
  @property({ attribute: false }) site!: Site
  /** The job that makes or deletes the site, else its newest. */
  @state() private job: Job | undefined
  @state() private busy = false

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('site') && may('jobs:read')) void this.#load()
  }

  async #load(): Promise<void> {
    try {
      const { id, job } = this.site
      const query = { resource: id, limit: 1 }
      this.job = job
        ? await api.get<Job>(`/jobs/${job}`)
        : (await api.get<{ items: readonly Job[] }>('/jobs', { query })).items[0]
    } catch (error) {
      // Without it the page says a little less.
      console.warn('the job of the site is not known', error)
    }
  }

  #act = async (action: 'retry' | 'cancel'): Promise<void> => {
    const { job } = this
    if (!job) return
    this.busy = true
    try {
      await api.post(`/jobs/${job.id}/${action}`)
      await this.#load()
    } catch (error) {
      toastProblem(error)
    } finally {
      this.busy = false
    }
  }

  override render(): TemplateResult | typeof nothing {
    const { site, job } = this
    const parts = [
      site.suspended && site.state === 'active' ? this.#suspended(site) : nothing,
      ...(site.notices ?? []).map(
        ({ code, params }) => html`<nusa-callout tone="warning">${t(`notice.sites.${code}`, params)}</nusa-callout>`,
      ),
      job && site.state !== 'active' && !isSettled(job) ? this.#underWay(job) : nothing,
      job ? this.#halfway(job) : nothing,
    ].filter(part => part !== nothing)
    return parts.length ? html`<div class="stack">${parts}</div>` : nothing
  }

  #suspended({ suspension }: Site): TemplateResult {
    const byOthers = suspension?.by === 'administrator'
    return html`<nusa-callout tone="warning" heading=${t(byOthers ? 'ui.suspended.administrator' : 'ui.suspended')}>
      <p>${t('ui.suspended.text')} ${byOthers && !session().user?.admin ? t('ui.suspended.ask') : nothing}</p>
      ${suspension?.reason ? html`<p>${t('ui.suspended.reason', { reason: suspension.reason })}</p>` : nothing}
      ${suspension ? html`<p class="muted small">${t('ui.suspended.at')} <nusa-time value=${suspension.at}></nusa-time></p>` : nothing}
    </nusa-callout>`
  }

  #underWay(job: Job): TemplateResult {
    return html`<div class="panel"><nusa-job job-id=${job.id}></nusa-job></div>`
  }

  /** A job that neither finished nor was taken back, or a deletion that failed. */
  #halfway(job: Job): TemplateResult | typeof nothing {
    const stuck = job.state === 'unknown'
    const undeleted = job.type === 'sites.delete' && (job.state === 'failed' || job.state === 'cancelled')
    if (!stuck && !(undeleted && (job.state === 'failed' || this.site.state === 'deleting'))) return nothing
    const problem = job.problem && jobProblem(job.problem)
    return html`<nusa-callout
      tone="danger"
      heading=${t(stuck ? 'ui.halfway' : 'ui.halfway.delete', { job: jobTitle(job), domain: this.site.unicodeDomain })}
    >
      ${problem ? html`<p>${problem.reason}</p>` : nothing}
      <p>${problem?.remedy ?? t(stuck ? 'ui.halfway.text' : 'ui.halfway.delete.text')}</p>
      <div class="row ways">
        ${
          may('jobs:write')
            ? html`<nusa-button small icon="refresh" ?busy=${this.busy} @click=${() => void this.#act('retry')}
                >${t(stuck ? 'ui.halfway.retry' : 'ui.halfway.delete.again')}</nusa-button
              >
              ${
                stuck
                  ? html`<nusa-button small icon="undo" ?busy=${this.busy} @click=${() => void this.#act('cancel')}
                    >${t('ui.halfway.cancel')}</nusa-button
                  >`
                  : nothing
              }`
            : nothing
        }
        <nusa-button small variant="quiet" href="/jobs/${job.id}">${t('ui.halfway.job')}</nusa-button>
      </div>
    </nusa-callout>`
  }
}
