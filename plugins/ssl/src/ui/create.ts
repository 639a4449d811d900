import { NusaElement, shellInfo } from '@nusantara/sdk/ui'
import { html, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import { t } from './texts.js'

/** The part of "create site" that asks whether the site shall have a certificate. */
@customElement('nusa-ssl-create')
export class CreateWithCertificate extends NusaElement {
  override render(): TemplateResult {
    // No authority reaches a sandbox, whose web server listens on ports of its own.
    const reachable = shellInfo().profile !== 'sandbox'
    return html`<nusa-checkbox
      name="extensions.ssl.issue"
      label=${t('ui.create.issue')}
      hint=${t(reachable ? 'ui.create.hint' : 'ui.create.sandbox')}
      ?checked=${reachable}
    ></nusa-checkbox>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-ssl-create': CreateWithCertificate
  }
}
