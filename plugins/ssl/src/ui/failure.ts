import { jobProblem } from '@nusantara/sdk/ui'
import { html, nothing, type TemplateResult } from 'lit'
import type { Failure, SiteCertificate } from '../api.js'
import { t } from './texts.js'

/** Why the last attempt failed; null when none did, or what is served was made since. */
export function failureOf({ failure, certificate }: SiteCertificate): Failure | null {
  return failure && !(certificate && certificate.createdAt > failure.at) ? failure : null
}

/** Why it failed and what to do about it, in words. */
export function lastFailure(standing: SiteCertificate): TemplateResult | typeof nothing {
  const failure = failureOf(standing)
  if (!failure) return nothing
  const { certificate, renewAt } = standing
  const { reason, remedy } = jobProblem(failure)
  return html`<nusa-callout tone=${certificate ? 'warning' : 'danger'} heading=${t('ui.failure')}>
    <p>${reason}</p>
    ${remedy ? html`<p>${remedy}</p>` : nothing}
    <p class="small muted">
      <nusa-time value=${failure.at}></nusa-time>${
        renewAt && certificate ? html` · ${t('ui.failure.again')} <nusa-time value=${renewAt}></nusa-time>` : nothing
      }
    </p>
  </nusa-callout>`
}
