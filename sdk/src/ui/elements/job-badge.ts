import { customElement } from 'lit/decorators.js'
import type { JobState } from '../core/jobs.js'
import { t } from '../core/messages.js'
import { StateBadge } from './state-badge.js'

@customElement('nusa-job-badge')
export class JobBadge extends StateBadge<JobState> {
  protected override readonly looks = {
    queued: { tone: 'neutral', icon: 'clock' },
    running: { tone: 'info', icon: 'progress', spin: true },
    succeeded: { tone: 'success', icon: 'check' },
    failed: { tone: 'danger', icon: 'close' },
    cancelled: { tone: 'neutral', icon: 'stop' },
    unknown: { tone: 'warning', icon: 'alert' },
  } as const

  protected override word(state: JobState): string {
    return t(`job.state.${state}`)
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-job-badge': JobBadge
  }
}
