import type { PortRange } from './port-ranges.js'

/** What decides whether an input is acceptable, besides the input. */
export interface SiteRules {
  readonly panelHosts: readonly string[]
  readonly ports: { readonly http: number; readonly https: number }
  /** Ports of this machine that no site may proxy to: the panel's and the listeners'. */
  readonly ownPorts: readonly number[]
  /** Installed PHP-FPM versions, newest first. */
  readonly php: readonly string[]
  /** Proxying to other machines and to every port. */
  readonly anyUpstream: boolean
  /** Loopback ports that others may proxy to. */
  readonly proxyPorts: readonly PortRange[]
  /** Publishing the panel itself. */
  readonly panel: boolean
  /** The permission sites:directives. */
  readonly directives: boolean
}

export const defaults = {
  documentRoot: 'public',
  index: { static: ['index.html', 'index.htm'], php: ['index.php', 'index.html'] },
  uploadLimit: '16m',
  processes: 5,
  timeout: 60,
} as const
