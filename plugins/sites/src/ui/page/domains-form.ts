import type { FormValues } from '@nusantara/sdk/ui'
import { html, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import type { Site } from '../../api.js'
import { domainsBody, savedDomains } from '../form/bodies.js'
import { SiteForm } from '../form/site-form.js'
import { t } from '../texts.js'

/** The names that a site answers to. */
@customElement('nusa-sites-domains')
export class DomainsForm extends SiteForm {
  protected override body(values: FormValues): FormValues {
    return domainsBody(values)
  }

  protected override saved(site: Site): FormValues {
    return savedDomains(site)
  }

  protected override fields(): TemplateResult {
    const { unicodeDomain, aliases } = this.filled
    return html`<div class="fields">
      <nusa-text-field
        name="domain"
        label=${t('ui.field.domain')}
        hint=${t('ui.field.domain.main')}
        inputMode="url"
        value=${unicodeDomain}
        required
      ></nusa-text-field>
      <nusa-text-field
        name="aliases"
        label=${t('ui.field.aliases')}
        hint=${t('ui.field.aliases.lines')}
        placeholder="www.${unicodeDomain}"
        rows=${Math.min(12, Math.max(4, aliases.length + 1))}
        value=${aliases.join('\n')}
        mono
        optional
      ></nusa-text-field>
    </div>`
  }
}
