import { StateBadge } from '@nusantara/sdk/ui'
import { customElement } from 'lit/decorators.js'
import { t } from './texts.js'

/** Whether a user may sign in, in a word. */
@customElement('nusa-user-badge')
export class UserBadge extends StateBadge<'active' | 'disabled'> {
  protected override readonly looks = {
    active: { tone: 'success', icon: 'check' },
    disabled: { tone: 'neutral', icon: 'pause' },
  } as const

  protected override word(state: 'active' | 'disabled'): string {
    return t(`user.state.${state}`)
  }
}
