import { NusaElement } from '@nusantara/sdk/ui'
import { html, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import { t } from '../texts.js'
import './site-creation.js'
import { type Creating, creatingWords } from './site-creation.js'

/** The page of a new site. */
@customElement('nusa-sites-new')
export class SiteNew extends NusaElement {
  @state() private creating: Creating | undefined

  override render(): TemplateResult {
    const { domain = '', outcome } = this.creating ?? {}
    return html`<nusa-page
      heading=${domain ? creatingWords(domain, outcome) : t('ui.new.heading')}
      lead=${domain ? '' : t('ui.new.lead')}
      back="/sites"
      backLabel=${t('sites.nav')}
    >
      <nusa-sites-create
        @nusa-sites-creating=${(event: CustomEvent<Creating>) => {
          this.creating = event.detail
        }}
      ></nusa-sites-create>
    </nusa-page>`
  }
}
