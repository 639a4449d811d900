import type { Column } from '@nusantara/sdk/ui'
import { html, nothing } from 'lit'
import { t } from './texts.js'

/** An entry of `GET /api/v1/auth/sessions` and `GET /api/v1/users/:id/sessions`. */
export interface SessionEntry {
  readonly id: string
  readonly current: boolean
  readonly address: string
  readonly userAgent: string
  readonly createdAt: string
  readonly lastSeenAt: string
}

/** With what somebody is signed in, from where, and since when. */
export function sessionColumns(): readonly Column<SessionEntry>[] {
  return [
    {
      id: 'device',
      label: t('sessions.device'),
      kind: 'main',
      cell: session => html`${device(session.userAgent)}
        ${session.current ? html`<nusa-badge tone="success" icon="check">${t('sessions.current')}</nusa-badge>` : nothing}`,
    },
    {
      id: 'address',
      label: t('sessions.address'),
      kind: 'fit',
      cell: session => html`<span class="mono">${session.address}</span>`,
    },
    {
      id: 'since',
      label: t('sessions.since'),
      cell: session => html`<nusa-time value=${session.createdAt}></nusa-time>`,
    },
    {
      id: 'seen',
      label: t('sessions.seen'),
      cell: session => html`<nusa-time value=${session.lastSeenAt}></nusa-time>`,
    },
  ]
}

/** `Firefox · Linux` of a User-Agent header; the header itself when nothing is known of it. */
export function device(userAgent: string): string {
  const browser = /(Edg|OPR|Firefox|Chrome|Safari|curl)/.exec(userAgent.replace(/HeadlessChrome/, 'Chrome'))?.[1]
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(userAgent)?.[1]
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera', 'Mac OS X': 'macOS' }
  const known = [browser, system].filter(name => name !== undefined).map(name => names[name] ?? name)
  return known.join(' · ') || userAgent.slice(0, 60) || '–'
}
