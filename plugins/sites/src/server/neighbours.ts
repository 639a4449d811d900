import { lstat } from 'node:fs/promises'
import type { HealthReport } from '@nusantara/sdk'

/** Where other control panels install themselves; they write the configuration of the web server, too. */
const panels: Readonly<Record<string, string>> = {
  '1Panel': '/opt/1panel',
  aaPanel: '/www/server/panel',
  CloudPanel: '/home/clp',
  cPanel: '/usr/local/cpanel',
  CyberPanel: '/usr/local/CyberCP',
  DirectAdmin: '/usr/local/directadmin',
  HestiaCP: '/usr/local/hestia',
  ISPConfig: '/usr/local/ispconfig',
  Plesk: '/opt/psa',
  VestaCP: '/usr/local/vesta',
  Webmin: '/usr/share/webmin',
}

/** Units that take the ports of the web when the server starts, where they are enabled. */
const servers: Readonly<Record<string, string>> = {
  'apache2.service': 'Apache',
  'caddy.service': 'Caddy',
  'haproxy.service': 'HAProxy',
  'lighttpd.service': 'lighttpd',
  'lsws.service': 'LiteSpeed',
}

const wanted = '/etc/systemd/system/multi-user.target.wants'

/** @param root where the host's files are seen, for tests */
export async function otherPanels(root = ''): Promise<HealthReport> {
  const found = await present(Object.entries(panels).map(([name, path]) => [name, root + path]))
  const params = { names: found.join(', ') }
  return found.length
    ? {
        name: 'sites.panels',
        status: 'degraded',
        detail: { code: 'sites.panels.found', params },
        remedy: { code: 'sites.panels.remedy', params },
      }
    : { name: 'sites.panels', status: 'ok', detail: { code: 'sites.panels.none' } }
}

/** @param root where the host's files are seen, for tests */
export async function otherServers(root = ''): Promise<HealthReport> {
  const units = await present(Object.keys(servers).map(unit => [unit, `${root}${wanted}/${unit}`]))
  const params = {
    names: units.map(unit => servers[unit]).join(', '),
    command: `systemctl disable --now ${units.join(' ')}`,
  }
  return units.length
    ? {
        name: 'sites.servers',
        status: 'degraded',
        detail: { code: 'sites.servers.found', params },
        remedy: { code: 'sites.servers.remedy', params },
      }
    : { name: 'sites.servers', status: 'ok', detail: { code: 'sites.servers.none' } }
}

/** The names whose path exists; one that may not be looked at counts as absent. */
async function present(entries: readonly (readonly [name: string, path: string])[]): Promise<readonly string[]> {
  const looks = entries.map(async ([name, path]) =>
    lstat(path).then(
      () => [name],
      () => [],
    ),
  )
  return (await Promise.all(looks)).flat()
}
