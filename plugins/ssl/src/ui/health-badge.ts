import { StateBadge } from '@nusantara/sdk/ui'
import { customElement } from 'lit/decorators.js'
import type { SiteCertificate } from '../api.js'
import { t } from './texts.js'

/** Whether a site is served over TLS and its certificate will be renewed in time, in a word. */
@customElement('nusa-ssl-badge')
export class HealthBadge extends StateBadge<SiteCertificate['health']> {
  protected override readonly looks = {
    none: { tone: 'neutral', icon: 'circle' },
    ok: { tone: 'success', icon: 'lock' },
    warning: { tone: 'warning', icon: 'alert' },
    failed: { tone: 'danger', icon: 'x-circle' },
  } as const

  protected override word(health: SiteCertificate['health']): string {
    return t(`ui.health.${health}`)
  }
}
