import { StateBadge, t } from '@nusantara/sdk/ui'
import { customElement } from 'lit/decorators.js'
import type { PluginState } from './plugin-info.js'

const off = { tone: 'neutral', icon: 'pause' } as const
const moving = { tone: 'info', icon: 'progress', spin: true } as const
const broken = { tone: 'danger', icon: 'close' } as const

/** Whether a plugin runs, in a word. */
@customElement('nusa-plugin-badge')
export class PluginBadge extends StateBadge<PluginState> {
  protected override readonly looks = {
    discovered: off,
    resolved: off,
    stopped: off,
    starting: moving,
    stopping: moving,
    running: { tone: 'success', icon: 'check' },
    failed: broken,
    rejected: broken,
  } as const

  protected override word(state: PluginState): string {
    return t(`plugin.state.${state}`)
  }
}
