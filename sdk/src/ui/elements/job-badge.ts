import { html, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { NusaElement } from '../core/element.js'
import type { JobState } from '../core/jobs.js'
import { t } from '../core/messages.js'
import type { Tone } from '../core/toast.js'
import './badge.js'

const looks: Readonly<Record<JobState, readonly [Tone, string]>> = {
  queued: ['neutral', 'clock'],
  running: ['info', 'progress'],
  succeeded: ['success', 'check'],
  failed: ['danger', 'close'],
  cancelled: ['neutral', 'stop'],
  unknown: ['warning', 'alert'],
}

/** The state of a job in a word, an icon and a colour. */
@customElement('nusa-job-badge')
export class JobBadge extends NusaElement {
  @property() state: JobState = 'queued'

  override render(): TemplateResult {
    const [tone, icon] = looks[this.state] ?? looks.unknown
    return html`<nusa-badge tone=${tone} icon=${icon} ?spin=${this.state === 'running'}>${t(`job.state.${this.state}`)}</nusa-badge>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nusa-job-badge': JobBadge
  }
}
