import { existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Host, UserIdentity } from '../host.js'
import { writeStateFile } from '../state-file.js'

/**
 * Whether a tenant may make sockets for the web server. It owns the directory, so it could put a link there that leads to
 * the socket of another tenant, or of a daemon that trusts its own machine, and the web server would follow it. On a
 * server the directories therefore lie on a mount of their own in which the kernel follows no link at all (`nosymfollow`,
 * mount(8), Linux 5.10). Where that mount is missing no tenant gets a directory that it could write.
 */
export function mayHaveSockets({ profile, isolation, roots }: Pick<Host, 'profile' | 'isolation' | 'roots'>): boolean {
  return profile !== 'system' || !isolation || followsNoLinks(`${roots.run}/tenants`)
}

/** @param mounts mountinfo (proc(5)): the mount point is the fifth field, its options are the sixth */
export function followsNoLinks(directory: string, mounts = readFileSync('/proc/self/mountinfo', 'utf8')): boolean {
  const here = mounts
    .split('\n')
    .map(row => row.split(' '))
    .filter(fields => fields[4] === directory)
  // The last one hides those before it.
  return here.at(-1)?.[5]?.split(',').includes('nosymfollow') ?? false
}

/**
 * Writes the file by which systemd-tmpfiles(8) makes these directories again at boot, since what is in /run does not
 * survive one and the broker need not run.
 */
export function writeBootList(host: Host, file: string, tenants: readonly UserIdentity[]): void {
  if (host.profile !== 'system' || !host.isolation) return
  const rows = tenants.map(({ name, uid }) => bootLine(host, name, uid)).sort()
  const text = `${rows.join('\n')}\n`
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return
  if (existsSync(dirname(file))) writeStateFile(file, text)
}

function bootLine(host: Host, tenant: string, uid: number): string {
  return `d ${host.tenantPaths(tenant).app} 2750 ${uid} ${host.userOf('web').gid} -`
}
