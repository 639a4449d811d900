import type { Site } from '../api.js'
import { holdsPort, type PortRange } from './input/port-ranges.js'
import { loopbackPort } from './input/upstream.js'

/**
 * A site with what asks for attention although it works: its owner chose a port that is not granted now. Whoever narrows
 * the grant takes no site off the web; they see which ones to settle.
 *
 * @param granted loopback ports that owners of sites may proxy to now
 */
export function withNotices(site: Site, granted: readonly PortRange[]): Site {
  const port = site.runtime.type === 'proxy' ? loopbackPort(site.runtime.target) : null
  if (port === null || site.proxyTargetBy === 'administrator' || holdsPort(granted, port)) return site
  return { ...site, notices: [{ code: 'proxy_port', params: { port } }] }
}
