import { api, type Job, may, NusaElement } from '@nusantara/sdk/ui'
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { SiteCertificate } from '../../api.js'
import { lastFailure } from '../failure.js'
import '../form/issue-form.js'
import '../form/policy-form.js'
import '../form/upload-form.js'
import { Standing } from '../standing.js'
import { httpsUrl, t } from '../texts.js'
import './certificate-actions.js'
import './certificate-facts.js'
import './certificate-history.js'
import './certificate-question.js'
import type { Question } from './certificate-question.js'

/** What is shown besides how the site stands. */
export type View = 'issue' | 'upload'

/** One site and its certificate: how it is served, how to get one, what may be done about it; jobs run in place. */
@customElement('nusa-ssl-site')
export class SiteTls extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .lead {
        margin-bottom: 16px;
        color: var(--nusa-muted);
        line-height: 1.5;
        max-width: 72ch;
      }
      .open {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 12px 20px;
        padding: 14px 18px;
        border-radius: var(--nusa-radius-lg);
        background: var(--nusa-success-soft);
      }
      .open nusa-icon {
        color: var(--nusa-success);
      }
      .open h2:focus {
        outline: none;
      }
      .after {
        margin-top: 14px;
      }
    `,
  ]
  @property({ attribute: false }) siteId = ''
  @state() private view: View | undefined
  /** A job that was begun here, until the reader is done with it. */
  @state() private jobId = ''
  @state() private outcome: Job['state'] | undefined
  /** Its dialog follows a job of its own. */
  @state() private asking: Question | undefined
  @state() private httpsPort: number | undefined
  readonly #standing = new Standing(this, () => this.siteId)

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#loadPort()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.get('siteId')) return
    this.view = undefined
    this.#done()
  }

  async #loadPort(): Promise<void> {
    try {
      this.httpsPort = (await api.get<{ ports: { https: number } }>('/sites/runtimes')).ports.https
    } catch (error) {
      // The link then leads to the usual port.
      console.warn('the port of the sites is not known', error)
    }
  }

  #started = ({ detail }: CustomEvent<string>): void => {
    this.jobId = detail
    this.outcome = undefined
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('.job')?.focus())
  }

  #settled = async ({ detail }: CustomEvent<Job>): Promise<void> => {
    this.jobId ||= detail.id
    this.outcome = detail.state
    if (detail.state === 'succeeded') this.view = undefined
    await this.#standing.load()
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>('.open h2')?.focus()
  }

  #ask = ({ detail }: CustomEvent<Question>): void => {
    this.asking = detail
  }

  #done = (): void => {
    this.jobId = ''
    this.outcome = undefined
  }

  #turn = ({ detail }: CustomEvent<View>): void => {
    this.view = detail
    this.#done()
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>('nusa-card.form')?.scrollIntoView({ block: 'nearest' }),
    )
  }

  override render(): TemplateResult {
    const { found, error } = this.#standing
    if (error) return html`<nusa-failure .error=${error} .retry=${this.#standing.load}></nusa-failure>`
    if (!found) return html`<nusa-skeleton lines="8"></nusa-skeleton>`
    const job = this.jobId || (this.asking ? '' : (this.#standing.job ?? ''))
    return html`<div
      class="stack"
      @nusa-ssl-started=${this.#started}
      @nusa-ssl-view=${this.#turn}
      @nusa-ssl-ask=${this.#ask}
    >
      ${job ? this.#job(job, found) : lastFailure(found)} ${this.#body(found, job !== '' && this.outcome === undefined)}
      <nusa-ssl-question
        .standing=${found}
        .asking=${this.asking}
        @nusa-settled=${this.#standing.load}
        @nusa-close=${() => {
          this.asking = undefined
        }}
      ></nusa-ssl-question>
    </div>`
  }

  #job(id: string, found: SiteCertificate): TemplateResult {
    const { outcome } = this
    if (outcome === 'succeeded') return this.#open(found)
    return html`<section class="panel job" tabindex="-1" aria-label=${t('ui.job')}>
      <nusa-job job-id=${id} @nusa-settled=${this.#settled}></nusa-job>
      ${
        outcome
          ? html`<div class="row after">
            <nusa-button variant="primary" @click=${this.#done}>${t(this.view || !found.certificate ? 'ui.job.back' : 'action.close')}</nusa-button>
          </div>`
          : nothing
      }
    </section>`
  }

  #open({ certificate, secured }: SiteCertificate): TemplateResult {
    const url = httpsUrl(secured[0] ?? '', this.httpsPort)
    const open = certificate !== null && secured.length > 0
    return html`<div class="open">
      <h2 tabindex="-1"><nusa-icon name="check-circle"></nusa-icon> ${open ? t('ui.open', { url }) : t('ui.closed')}</h2>
      <div class="row">
        ${
          open
            ? html`<nusa-button variant="primary" icon="external" target="_blank" href=${url}>${t('ui.open.site')}</nusa-button>`
            : nothing
        }
        <nusa-button @click=${this.#done}>${t('action.done')}</nusa-button>
      </div>
    </div>`
  }

  #body(found: SiteCertificate, working: boolean): TemplateResult {
    const mayChange = may('ssl:write')
    // What was typed stays while the job runs, and after one that failed.
    const form = this.view ?? (found.certificate || !mayChange ? undefined : 'issue')
    const hidden = working || (this.outcome !== undefined && this.outcome !== 'succeeded')
    return html`${form ? this.#formCard(form, found, hidden) : nothing}
      ${found.certificate ? this.#served(found, working) : nothing}
      ${
        found.certificate || mayChange
          ? nothing
          : html`<nusa-empty icon="lock" heading=${t('ui.none')} text=${t('ui.none.text')}></nusa-empty>`
      }
      ${found.certificate || !mayChange || hidden || this.view ? nothing : this.#otherWays(found)}
      <nusa-ssl-history .standing=${found}></nusa-ssl-history>`
  }

  #formCard(form: View, found: SiteCertificate, hidden: boolean): TemplateResult {
    const upload = form === 'upload'
    const heading = t(upload ? 'ui.upload' : found.certificate ? 'ui.issue.anew' : 'ui.get')
    return html`<nusa-card class="form" ?hidden=${hidden} heading=${heading} icon=${upload ? 'file' : 'lock'}>
      ${this.#form(form, found)}
    </nusa-card>`
  }

  #form(form: View, found: SiteCertificate): TemplateResult {
    const back =
      this.view && html`<nusa-button variant="quiet" @click=${() => this.#close()}>${t('action.cancel')}</nusa-button>`
    return form === 'upload'
      ? html`<p class="lead">${t('ui.upload.lead')}</p>
          <nusa-ssl-upload .standing=${found}>${back}</nusa-ssl-upload>`
      : html`<p class="lead">${t('ui.issue.lead')}</p>
          <nusa-ssl-issue .standing=${found}>${back}</nusa-ssl-issue>`
  }

  #close(): void {
    this.view = undefined
  }

  #actions(found: SiteCertificate): TemplateResult {
    return html`<nusa-ssl-actions slot="actions" .standing=${found}></nusa-ssl-actions>`
  }

  #otherWays(found: SiteCertificate): TemplateResult {
    return html`<nusa-card heading=${t('ui.ways')} icon="more">
      <p class="muted">${t('ui.ways.text')}</p>
      ${this.#actions(found)}
    </nusa-card>`
  }

  #served(found: SiteCertificate, working: boolean): TemplateResult {
    return html`<nusa-card heading=${t('ui.certificate')} icon="lock">
        ${may('ssl:write') && !working ? this.#actions(found) : nothing}
        <nusa-ssl-facts .standing=${found}></nusa-ssl-facts>
      </nusa-card>
      ${
        may('ssl:write')
          ? html`<nusa-card heading=${t('ui.policy')} icon="shield" ?hidden=${working}>
            <p class="lead">${t('ui.policy.lead')}</p>
            <nusa-ssl-policy .standing=${found}></nusa-ssl-policy>
          </nusa-card>`
          : nothing
      }`
  }
}
