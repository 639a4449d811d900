import type { FormValues } from '@nusantara/sdk/ui'
import { css, html, nothing, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import type { PhpRuntime, Site } from '../../api.js'
import { phpBody, savedPhp } from '../form/bodies.js'
import { settingField, settingGroups } from '../form/php-fields.js'
import { SiteForm } from '../form/site-form.js'
import { t } from '../texts.js'

/** How many processes PHP may have for a site, and what of php.ini is set for it. */
@customElement('nusa-sites-php')
export class PhpForm extends SiteForm {
  static override styles = [
    ...SiteForm.styles,
    css`
      fieldset + fieldset {
        padding-top: var(--nusa-space-5);
        border-top: 1px solid var(--nusa-border);
      }
      legend {
        float: left;
        width: 100%;
        margin-bottom: 14px;
        padding: 0;
        font-weight: 620;
      }
      .pair {
        clear: both;
      }
    `,
  ]

  /** The site's PHP; the tab that holds this form shows with PHP alone. */
  #runtime({ runtime }: Site): PhpRuntime {
    return runtime.type === 'php' ? runtime : { type: 'php', version: '', settings: {}, processes: 1 }
  }

  protected override body(values: FormValues): FormValues {
    return phpBody(values, this.#runtime(this.site))
  }

  protected override saved(site: Site): FormValues {
    return savedPhp(this.#runtime(site))
  }

  protected override fields(): TemplateResult {
    const runtime = this.#runtime(this.filled)
    return html`<div class="fields">
      <fieldset>
        <legend>${t('ui.php.group.processes')}</legend>
        <div class="pair">
          <nusa-text-field
            name="runtime.processes"
            type="number"
            label=${t('ui.php.processes')}
            hint=${t('ui.php.processes.hint')}
            value=${runtime.processes}
            mono
            required
          ></nusa-text-field>
        </div>
      </fieldset>
      ${
        this.runtimes
          ? settingGroups(this.runtimes.phpSettings).map(
              group => html`<fieldset>
                <legend>${t(`ui.php.group.${group.name}`)}</legend>
                <div class="pair">${group.settings.map(setting => settingField(setting, runtime))}</div>
              </fieldset>`,
            )
          : nothing
      }
    </div>`
  }
}
