import { api, type ChangeRequest, type FormValues, may } from '@nusantara/sdk/ui'
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import type { Site } from '../../api.js'
import '../form/directives-field.js'
import '../form/directives-help.js'
import { SiteForm } from '../form/site-form.js'
import { t } from '../texts.js'
import type { Merge } from './site-drift.js'

/**
 * Further directives of an administrator. Their plan is made when it is asked for, because the route may want the password first.
 * Fires `nusa-sites-merged` once a hand edit that was taken in is the panel's to overwrite.
 */
@customElement('nusa-sites-directives')
export class DirectivesForm extends SiteForm {
  protected override readonly live = false
  /** What somebody wrote into the file by hand and wants to keep as directives of the site. */
  @property({ attribute: false }) merge: Merge | undefined

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('merge') && this.merge) this.#takeIn(this.merge)
  }

  /** Else the edit would keep the file as it is: nothing that was edited by hand is overwritten without being told. */
  protected override async settleFirst(): Promise<void> {
    if (!this.merge || !this.unsaved) return
    const { path, hash } = this.merge
    await api.post('/drift', { plugin: 'sites', path, hash, action: 'adopt' })
    this.emit('nusa-sites-merged')
  }

  #takeIn({ added }: Merge): void {
    const field = this.renderRoot.querySelector('nusa-sites-directives-field')
    if (!field) return
    field.value = [field.value.trimEnd(), added].filter(Boolean).join('\n')
    this.typed()
    void field.updateComplete.then(() => field.focus())
  }

  protected override body({ directives }: FormValues): FormValues {
    return { directives }
  }

  protected override saved({ directives }: Site): FormValues {
    return { directives }
  }

  protected override change(body: FormValues): ChangeRequest {
    return { method: 'PUT', path: `/sites/${this.site.id}/directives`, body }
  }

  protected override get invitation(): string {
    return t(this.unsaved ? 'ui.directives.ready' : 'ui.form.plan.empty')
  }

  protected override get submitText(): string {
    return t(this.plan ? 'ui.form.apply' : 'ui.directives.preview')
  }

  protected override fields(): TemplateResult {
    const allowed = may('sites:directives')
    return html`<div class="fields">
      ${allowed ? nothing : html`<nusa-callout heading=${t('ui.directives.readonly')}>${t('ui.directives.readonly.text')}</nusa-callout>`}
      ${this.merge && this.unsaved ? this.#merging(this.merge) : nothing}
      <nusa-sites-directives-field
        name="directives"
        label=${t('ui.directives.label')}
        hint=${t('ui.directives.hint')}
        .value=${this.filled.directives}
        ?disabled=${!allowed}
      ></nusa-sites-directives-field>
      ${allowed ? html`<nusa-sites-directives-help></nusa-sites-directives-help>` : nothing}
    </div>`
  }

  #merging({ removed }: Merge): TemplateResult {
    return html`<nusa-callout heading=${t('ui.drift.merging')}>
      <p>${t('ui.drift.merging.text')}</p>
      ${removed ? html`<p>${t('ui.drift.merging.removed', { count: removed })}</p>` : nothing}
    </nusa-callout>`
  }
}
