import { NusaElement } from '@nusantara/sdk/ui'
import { html, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import './onboarding.js'
import './software.js'
import { t } from './texts.js'

/** The page of what sites stand on. */
@customElement('nusa-stack')
export class StackPage extends NusaElement {
  override render(): TemplateResult {
    return html`<nusa-page heading=${t('stack.nav')} lead=${t('ui.lead')}>
      <nusa-stack-software></nusa-stack-software>
    </nusa-page>`
  }
}
