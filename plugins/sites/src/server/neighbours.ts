import { lstat } from 'node:fs/promises'
import type { HealthReport } from '@nusantara/sdk'

/**
 * Where other control panels install themselves, as far as the panel's unit lets it look, which is not below `/home`; they write
 * the configuration of the web server, too.
 */
const panels: Readonly<Record<string, string>> = {
  '1Panel': '/opt/1panel',
  aaPanel: '/www/server/panel',
  CloudPanel: '/usr/bin/clpctl',
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
  return report('sites.panels', found)
}

/** @param root where the host's files are seen, for tests */
export async function otherServers(root = ''): Promise<HealthReport> {
  const units = await present(Object.keys(servers).map(unit => [unit, `${root}${wanted}/${unit}`]))
  const names = units.map(unit => servers[unit] ?? unit)
  return report('sites.servers', names, { command: `systemctl disable --now ${units.join(' ')}` })
}

function report(name: string, found: readonly string[], more: Readonly<Record<string, string>> = {}): HealthReport {
  if (!found.length) return { name, status: 'ok', detail: { code: `${name}.none` } }
  const params = { names: found.join(', '), ...more }
  return {
    name,
    status: 'degraded',
    detail: { code: `${name}.found`, params },
    remedy: { code: `${name}.remedy`, params },
  }
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
