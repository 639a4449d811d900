import { type MessageValues, translator } from '@nusantara/sdk/ui'
import type { Runtime, Runtimes, Site } from '../api.js'

/** Texts of this plugin's pages. */
export const t = translator('sites') as (key: string, values?: MessageValues) => string

export const runtimeIcons: Readonly<Record<Runtime['type'], string>> = {
  static: 'file-text',
  php: 'code',
  proxy: 'swap',
  redirect: 'redirect',
  panel: 'server',
}

/** What the site runs, in a few words: `PHP 8.2`, `Proxy to http://127.0.0.1:3000`. */
export function runtimeWords(runtime: Runtime): string {
  switch (runtime.type) {
    case 'php':
      return t('ui.runtime.php.words', { version: runtime.version })
    case 'proxy':
      return t('ui.runtime.proxy.words', { target: runtime.target })
    case 'redirect':
      return t('ui.runtime.redirect.words', { target: runtime.target })
    case 'panel':
      return t('ui.runtime.panel')
    default:
      return t('ui.runtime.static')
  }
}

/** Where a browser finds the site. The panel is met over HTTPS alone. */
export function siteUrl(domain: string, type: Runtime['type'], ports: Runtimes['ports'] | undefined): string {
  const { http = 80, https = 443 } = ports ?? {}
  return type === 'panel'
    ? `https://${domain}${https === 443 ? '' : `:${https}`}/`
    : `http://${domain}${http === 80 ? '' : `:${http}`}/`
}

export type SiteLook = 'active' | 'suspended' | 'pending' | 'deleting'

export function lookOf(site: Pick<Site, 'state' | 'suspended'>): SiteLook {
  return site.state === 'active' && site.suspended ? 'suspended' : site.state
}
