import { type ChangeRequest, type FormValues, may } from '@nusantara/sdk/ui'
import { html, nothing, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import type { Site } from '../../api.js'
import '../form/directives-field.js'
import '../form/directives-help.js'
import { SiteForm } from '../form/site-form.js'
import { t } from '../texts.js'

/** Further directives of an administrator. Their plan is made when it is asked for, because the route may want the password first. */
@customElement('nusa-sites-directives')
export class DirectivesForm extends SiteForm {
  protected override readonly live = false

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
}
