import { html, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import './card.js'
import './create.js'
import { Lazy } from './lazy.js'

/** On the page of a site: its certificate, and everything that is done about it. */
@customElement('nusa-ssl-tab')
export class CertificateTab extends Lazy {
  protected override load(): Promise<unknown> {
    return import('./site/site-certificate.js')
  }

  protected override content(): TemplateResult {
    return html`<nusa-ssl-site .siteId=${this.siteId}></nusa-ssl-site>`
  }
}

/** The page of all certificates. */
@customElement('nusa-ssl')
export class CertificatesPage extends Lazy {
  protected override load(): Promise<unknown> {
    return import('./page/certificates.js')
  }

  protected override content(): TemplateResult {
    return html`<nusa-ssl-page></nusa-ssl-page>`
  }
}
