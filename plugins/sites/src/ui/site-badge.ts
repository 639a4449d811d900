import { StateBadge } from '@nusantara/sdk/ui'
import { customElement } from 'lit/decorators.js'
import { type SiteLook, t } from './texts.js'

/** Whether a site answers, in a word. */
@customElement('nusa-sites-badge')
export class SiteBadge extends StateBadge<SiteLook> {
  protected override readonly looks = {
    active: { tone: 'success', icon: 'check' },
    suspended: { tone: 'warning', icon: 'pause' },
    pending: { tone: 'info', icon: 'progress', spin: true },
    deleting: { tone: 'neutral', icon: 'trash' },
  } as const

  protected override word(look: SiteLook): string {
    return t(`ui.state.${look}`)
  }
}
