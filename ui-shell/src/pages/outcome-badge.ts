import { StateBadge, t } from '@nusantara/sdk/ui'
import { customElement } from 'lit/decorators.js'
import type { Outcome } from './audit-wire.js'

@customElement('nusa-outcome-badge')
export class OutcomeBadge extends StateBadge<Outcome> {
  protected override readonly looks = {
    success: { tone: 'success', icon: 'check' },
    failure: { tone: 'danger', icon: 'close' },
    refused: { tone: 'warning', icon: 'lock' },
  } as const

  protected override word(state: Outcome): string {
    return t(`audit.outcome.${state}`)
  }
}
