import { StateBadge, type StateLook } from '@nusantara/sdk/ui'
import { customElement } from 'lit/decorators.js'
import { type ComponentLook, t } from './texts.js'

@customElement('nusa-stack-badge')
export class ComponentBadge extends StateBadge<ComponentLook> {
  protected override readonly looks: Readonly<Record<ComponentLook, StateLook>> = {
    running: { tone: 'success', icon: 'check-circle' },
    installed: { tone: 'success', icon: 'check-circle' },
    stopped: { tone: 'warning', icon: 'pause' },
    broken: { tone: 'danger', icon: 'alert' },
    available: { tone: 'neutral', icon: 'circle' },
    unavailable: { tone: 'neutral', icon: 'x-circle' },
  }

  protected override word(state: ComponentLook): string {
    return t(`ui.state.${state}`)
  }
}
