import type { ChangeRequest, FormValues, Job } from '@nusantara/sdk/ui'
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { property, state } from 'lit/decorators.js'
import type { Runtimes, Site } from '../../api.js'
import { t } from '../texts.js'
import { same } from './bodies.js'
import { PlannedForm } from './planned-form.js'

/**
 * Changes a part of a site. Knows what of it is unsaved, tells the page (`nusa-sites-unsaved`), and keeps it when the site
 * changes meanwhile, saying so.
 */
export abstract class SiteForm extends PlannedForm {
  @property({ attribute: false }) site!: Site
  @property({ attribute: false }) runtimes?: Runtimes
  @state() protected unsaved = false
  /** The site is no longer what the typing began with. */
  @state() private overtaken = false
  /** The site that the fields were filled with. */
  protected filled!: Site
  /** The job succeeded: the site that comes next is what the fields show, as the server wrote it. */
  #renew = false
  /** What was sent last: a site that has it was not changed by others, though more was typed since. */
  #sent: unknown

  /** The part that the values ask for. */
  protected abstract body(values: FormValues): FormValues
  /** The same part as the site has it. */
  protected abstract saved(site: Site): FormValues

  protected override get invitation(): string {
    return t('ui.form.plan.empty')
  }

  protected override request(values: FormValues): ChangeRequest | undefined {
    const body = this.body(values)
    return same(body, this.saved(this.site)) ? undefined : this.change(body)
  }

  protected change(body: FormValues): ChangeRequest {
    return { method: 'PATCH', path: `/sites/${this.site.id}`, body }
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('site')) return
    const saved = this.saved(this.site)
    this.filled ??= this.site
    if (this.#renew) this.discard()
    else if (same(saved, this.saved(this.filled))) return
    else if (this.unsaved && !same(this.body(this.form.values), saved)) {
      this.overtaken = !same(saved, this.#sent)
      super.typed()
    } else this.discard()
  }

  protected override typed(): void {
    super.typed()
    // A choice may bring other fields.
    void this.updateComplete.then(() => this.#mark(this.request(this.form.values) !== undefined))
  }

  protected override accepted(_id: string, { body }: ChangeRequest): void {
    this.#sent = body
    this.overtaken = false
  }

  protected override settled(job: Job): void {
    super.settled(job)
    if (job.state !== 'succeeded') return
    // What was typed while the change was on its way stays. Nothing is known as sent when the new site came before.
    this.#renew = this.#sent === undefined || same(this.body(this.form.values), this.#sent)
    this.#mark(!this.#renew)
  }

  /** Back to what is saved. */
  protected discard(): void {
    this.filled = this.site
    this.#renew = false
    this.#sent = undefined
    this.overtaken = false
    this.#mark(false)
    this.reset()
  }

  #mark(unsaved: boolean): void {
    if (unsaved === this.unsaved) return
    this.unsaved = unsaved
    this.emit('nusa-sites-unsaved', unsaved)
  }

  protected get submitText(): string {
    return t('ui.form.apply')
  }

  protected override decision(): TemplateResult | typeof nothing {
    const working = this.jobId !== '' && this.outcome === undefined
    if (!this.unsaved || working) return nothing
    return html`${
      this.overtaken
        ? html`<nusa-callout tone="warning" heading=${t('ui.form.overtaken')}>${t('ui.form.overtaken.text')}</nusa-callout>`
        : nothing
    }
      <div class="row decision">
        <nusa-button variant="primary" ?busy=${this.sending} @click=${() => void this.form.submit()}>${this.submitText}</nusa-button>
        <nusa-button variant="quiet" @click=${() => this.discard()}>${t('ui.form.discard')}</nusa-button>
      </div>`
  }
}
