import { jobProblem } from '@nusantara/sdk/ui'
import { html, nothing, type TemplateResult } from 'lit'
import type { SiteCertificate } from '../api.js'
import { t } from './texts.js'

/** Why the last attempt failed and what to do about it; nothing when none did. */
export function lastFailure({ failure, certificate, renewAt }: SiteCertificate): TemplateResult | typeof nothing {
  if (!failure) return nothing
  const { reason, remedy } = jobProblem(failure)
  const again =
    renewAt && certificate
      ? html`<p class="small">${t('ui.failure.again')} <nusa-time value=${renewAt}></nusa-time></p>`
      : nothing
  return html`<nusa-callout tone=${certificate ? 'warning' : 'danger'} heading=${t('ui.failure')}>
    <p>${reason} ${remedy ?? nothing}</p>
    <p class="small muted"><nusa-time value=${failure.at}></nusa-time></p>
    ${again}
  </nusa-callout>`
}
