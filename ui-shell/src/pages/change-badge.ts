import { StateBadge, t } from '@nusantara/sdk/ui'
import { customElement } from 'lit/decorators.js'
import type { ChangeState } from './change-wire.js'

@customElement('nusa-change-badge')
export class ChangeBadge extends StateBadge<ChangeState> {
  protected override readonly looks = {
    planned: { tone: 'neutral', icon: 'clock' },
    applying: { tone: 'info', icon: 'progress', spin: true },
    applied: { tone: 'success', icon: 'check' },
    failed: { tone: 'danger', icon: 'close' },
    reverted: { tone: 'neutral', icon: 'undo' },
    awaiting_confirmation: { tone: 'warning', icon: 'clock' },
  } as const

  protected override word(state: ChangeState): string {
    return t(`change.state.${state}`)
  }
}
