import { StateBadge } from '@nusantara/sdk/ui'
import { customElement } from 'lit/decorators.js'
import type { Certificate, SiteCertificate } from '../api.js'
import { t } from './texts.js'

export type Look = SiteCertificate['health'] | 'untrusted'

/** A certificate that nobody vouches for is no security to visitors, however long it is good for. */
export function lookOf({
  health,
  certificate,
}: Pick<SiteCertificate, 'health'> & { readonly certificate: Pick<Certificate, 'kind'> | null }): Look {
  return health === 'ok' && certificate?.kind === 'self-signed' ? 'untrusted' : health
}

/** Whether a site is served over TLS and its certificate will be renewed in time, in a word. */
@customElement('nusa-ssl-badge')
export class HealthBadge extends StateBadge<Look> {
  protected override readonly looks = {
    none: { tone: 'neutral', icon: 'circle' },
    ok: { tone: 'success', icon: 'lock' },
    untrusted: { tone: 'neutral', icon: 'info' },
    warning: { tone: 'warning', icon: 'alert' },
    failed: { tone: 'danger', icon: 'x-circle' },
  } as const

  protected override word(look: Look): string {
    return t(`ui.health.${look}`)
  }
}
