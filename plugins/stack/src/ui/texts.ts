import { formatBytes, type MessageValues, translator } from '@nusantara/sdk/ui'
import type { Component, ComponentCost } from '../api.js'

/** Texts of this plugin's pages. */
export const t = translator('stack') as (key: string, values?: MessageValues) => string

/** What people call it: `nginx`, `PHP 8.2`. */
export function nameOf({ id, kind }: Pick<Component, 'id' | 'kind'>): string {
  if (kind === 'php') return `PHP ${id.replace(/^php|-fpm$/g, '')}`
  return t(`ui.name.${id}`)
}

export function costWords({ packages, downloadBytes, diskBytes }: ComponentCost): string {
  return t('ui.cost', { packages, download: formatBytes(downloadBytes), disk: formatBytes(Math.max(0, diskBytes)) })
}

export type ComponentLook = 'running' | 'stopped' | 'installed' | 'broken' | 'available' | 'unavailable'

export function lookOf({ state, running }: Component): ComponentLook {
  if (state !== 'installed' || running === undefined) return state
  return running ? 'running' : 'stopped'
}
