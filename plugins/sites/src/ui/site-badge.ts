import { NusaElement, type Tone } from '@nusantara/sdk/ui'
import { html, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { type SiteLook, t } from './texts.js'

const looks: Readonly<Record<SiteLook, readonly [Tone, string]>> = {
  active: ['success', 'check'],
  suspended: ['warning', 'pause'],
  pending: ['info', 'progress'],
  deleting: ['neutral', 'trash'],
}

/** Whether a site answers, in a word. */
@customElement('nusa-sites-badge')
export class SiteBadge extends NusaElement {
  @property() look: SiteLook = 'active'

  override render(): TemplateResult {
    const [tone, icon] = looks[this.look] ?? looks.active
    return html`<nusa-badge tone=${tone} icon=${icon}>${t(`ui.state.${this.look}`)}</nusa-badge>`
  }
}
