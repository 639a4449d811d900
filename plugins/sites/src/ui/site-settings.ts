import { api, type ChangeRequest, type FormValues, NusaElement } from '@nusantara/sdk/ui'
import { css, html, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { Runtimes, Site } from '../api.js'
import './site-fields.js'
import { bodyOf } from './site-fields.js'
import { t } from './texts.js'

/** Changes a site: the form, then the plan of the change, then its job. */
@customElement('nusa-sites-settings')
export class SiteSettings extends NusaElement {
  static override styles = [
    ...NusaElement.styles,
    css`
      .panel {
        max-width: 760px;
      }
    `,
  ]
  @property({ attribute: false }) site?: Site
  @property({ attribute: false }) runtimes?: Runtimes
  @state() private request: ChangeRequest | undefined

  #review = async (values: FormValues): Promise<void> => {
    const body = bodyOf(values, this.runtimes, this.site)
    if (body.domain === this.site?.unicodeDomain) delete body.domain
    const path = `/sites/${this.site?.id}`
    // What is wrong with a field is shown beside it, before anything is asked.
    await api.plan('PATCH', path, body)
    this.request = { method: 'PATCH', path, body }
  }

  override render(): TemplateResult {
    const domain = this.site?.unicodeDomain ?? ''
    return html`<div class="panel">
        <nusa-form .handle=${this.#review}>
          <nusa-sites-fields .site=${this.site} .runtimes=${this.runtimes}></nusa-sites-fields>
          <div class="row"><nusa-button variant="primary" type="submit">${t('ui.settings.review')}</nusa-button></div>
        </nusa-form>
      </div>
      <nusa-confirm
        ?open=${this.request !== undefined}
        owner="sites"
        heading=${t('ui.settings.heading', { domain })}
        action=${t('ui.settings.apply')}
        .request=${this.request}
        @nusa-close=${() => {
          this.request = undefined
        }}
      ></nusa-confirm>`
  }
}
