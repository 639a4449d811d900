import { api, type ChangeRequest, type FormValues, type Job, shellInfo } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { Runtime, Runtimes } from '../../api.js'
import { newSiteBody } from '../form/bodies.js'
import '../form/leave.js'
import { PlannedForm } from '../form/planned-form.js'
import { runtimeCards, runtimeFields, servingFields } from '../form/runtime-fields.js'
import { siteUrl, t } from '../texts.js'

/** How far the creation of a site has come; the detail of `nusa-sites-creating`. */
export interface Creating {
  /** Empty while it is the form that is shown. */
  readonly domain: string
  /** Once its job ended. */
  readonly outcome?: Job['state']
  /** Of the site, once it is known. */
  readonly id: string
}

/**
 * Creates a site: a short form, its plan beside it as it is typed, then the job in the same place, then the link. Tells how
 * far it came by `nusa-sites-creating`.
 */
@customElement('nusa-sites-create')
export class SiteCreation extends PlannedForm {
  static override styles = [
    ...PlannedForm.styles,
    css`
      .done {
        display: flex;
        flex-direction: column;
        gap: 16px;
      }
      .live {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 14px;
        padding: 18px 20px;
        border-radius: var(--nusa-radius-lg);
        background: var(--nusa-success-soft);
      }
      .done:focus,
      .live h2:focus {
        outline: none;
      }
      .live nusa-icon {
        color: var(--nusa-success);
      }
    `,
  ]
  // A new site takes nothing away, and people who know what they want do not wait.
  protected override readonly quick = true
  /** Without links to elsewhere: it is a part of something larger. */
  @property({ type: Boolean }) embedded = false
  @state() private runtimes: Runtimes | undefined
  @state() private type: Runtime['type'] = 'static'
  @state() private siteId = ''
  @state() private domain = ''
  @state() private touched = false
  @state() private error: unknown

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  async #load(): Promise<void> {
    this.error = undefined
    try {
      this.runtimes = await api.get<Runtimes>('/sites/runtimes')
    } catch (error) {
      this.error = error
    }
  }

  protected override get invitation(): string {
    return t('ui.new.plan.empty')
  }

  protected override request(values: FormValues): ChangeRequest {
    return { method: 'POST', path: '/sites', body: newSiteBody(values, this.runtimes) }
  }

  protected override typed(): void {
    super.typed()
    this.touched = true
  }

  protected override readonly place = '.done'

  /** In a place of its own. */
  protected override progress(): typeof nothing {
    return nothing
  }

  protected override accepted(id: string, { body }: ChangeRequest): void {
    this.touched = false
    this.siteId = id
    this.domain = String((body as FormValues).domain)
    this.#tell()
  }

  protected override settled(job: Job): void {
    super.settled(job)
    this.siteId ||= job.resourceId ?? ''
    this.#tell()
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('.live h2')?.focus())
  }

  #tell(): void {
    const { domain, outcome, siteId: id } = this
    this.emit('nusa-sites-creating', { domain, ...(outcome && { outcome }), id } satisfies Creating)
  }

  #again = (): void => {
    this.jobId = ''
    this.outcome = undefined
    this.touched = true
    this.emit('nusa-sites-creating', { domain: '', id: '' } satisfies Creating)
  }

  override render(): TemplateResult {
    return html`${
      this.error
        ? html`<nusa-failure .error=${this.error} .retry=${() => void this.#load()}></nusa-failure>`
        : this.runtimes
          ? html`<div ?hidden=${this.jobId !== ''}>${super.render()}</div>`
          : html`<nusa-skeleton lines="8"></nusa-skeleton>`
    }
    ${this.jobId ? this.#creating() : nothing}
    <nusa-sites-leave ?unsaved=${this.touched}></nusa-sites-leave>`
  }

  protected override fields(): TemplateResult {
    const sandbox = shellInfo().profile === 'sandbox'
    return html`<div class="fields" @nusa-change=${this.#chosen}>
      <nusa-text-field
        name="domain"
        label=${t('ui.field.domain')}
        hint=${t(sandbox ? 'ui.field.domain.sandbox' : 'ui.field.domain.hint')}
        placeholder=${sandbox ? 'hello.localhost' : 'example.com'}
        inputMode="url"
        required
      ></nusa-text-field>
      ${runtimeCards(this.type, this.runtimes)} ${runtimeFields(this.type, this.runtimes)}
      <details>
        <summary>${t('ui.more')}</summary>
        <div class="fields">
          <nusa-text-field
            name="aliases"
            label=${t('ui.field.aliases')}
            hint=${t('ui.field.aliases.hint')}
            optional
          ></nusa-text-field>
          ${servingFields(this.type, this.runtimes)}
        </div>
      </details>
      <nusa-extensions name="sites.create"></nusa-extensions>
    </div>`
  }

  #chosen = (event: CustomEvent<{ name: string; value: Runtime['type'] }>): void => {
    if (event.detail.name === 'runtime.type') this.type = event.detail.value
  }

  protected override buttons(): TemplateResult {
    return html`<div class="row">
      <nusa-button variant="primary" type="submit">${t('ui.new.submit')}</nusa-button>
      ${this.embedded ? nothing : html`<nusa-button variant="quiet" href="/sites">${t('action.cancel')}</nusa-button>`}
    </div>`
  }

  #creating(): TemplateResult {
    return html`<div class="done" tabindex="-1" role="group" aria-label=${creatingWords(this.domain, this.outcome)}>
      ${this.outcome === 'succeeded' ? this.#live() : nothing}
      <div class="panel">${this.job()}</div>
      ${
        this.outcome && this.outcome !== 'succeeded'
          ? html`<div class="row">
            <nusa-button variant="primary" @click=${this.#again}>${t('ui.new.again')}</nusa-button>
            ${this.embedded ? nothing : html`<nusa-button href="/sites">${t('ui.new.to-list')}</nusa-button>`}
          </div>`
          : nothing
      }
    </div>`
  }

  #live(): TemplateResult {
    return html`<div class="live">
      <div>
        <h2 tabindex="-1"><nusa-icon name="check-circle"></nusa-icon> ${t('ui.new.live', { domain: this.domain })}</h2>
        <p class="muted">${t(this.type === 'panel' ? 'ui.new.live.panel' : 'ui.new.live.text')}</p>
      </div>
      <div class="row">
        <nusa-button variant="primary" icon="external" target="_blank" href=${siteUrl(this.domain, this.type, this.runtimes?.ports)}
          >${t('ui.open')}</nusa-button
        >
        <nusa-button href=${this.siteId ? `/sites/${this.siteId}` : '/sites'}>${t('ui.new.manage')}</nusa-button>
      </div>
    </div>`
  }
}

/** What is being created, or was. */
export function creatingWords(domain: string, outcome: Job['state'] | undefined): string {
  return outcome === 'succeeded' ? domain : t('ui.new.creating', { domain })
}
