import { dirname } from 'node:path'
import type { Server } from './server.js'

/** What Debian itself writes by running, and its package manager by installing and removing. */
const volatile = [
  '/dev',
  '/proc',
  '/run',
  '/sys',
  '/tmp',
  '/opt/archive',
  '/root',
  '/var/cache/apt',
  '/var/cache/debconf',
  '/var/cache/ldconfig',
  '/var/lib/apt',
  '/var/lib/dpkg',
  '/var/lib/logrotate',
  '/var/lib/systemd',
  '/var/log/apt',
  '/var/log/journal',
  '/var/log/nginx',
  '/var/log/private',
  '/var/tmp',
]
/** Backups that the tools for users and packages make, and what records how things went. */
const byTools =
  /^\S+ \S+ \S+ file (?:\/etc\/(?:(?:passwd|group|shadow|gshadow|subuid|subgid)-|\.pwd\.lock|ld\.so\.cache)|\/var\/log\/(?:[\w.]+\.log|[bw]tmp|lastlog|faillog))$/

/** Everything on a server that could be left behind, one line each. */
export async function inventory(server: Server): Promise<readonly string[]> {
  const pruned = volatile.flatMap(path => ['-path', path, '-prune', '-o'])
  const [files, users, groups, units, ran] = await Promise.all([
    server.ok(['find', '/', '-xdev', ...pruned, '-printf', '%y %m %u:%g file %p\n']),
    server.ok(['getent', 'passwd']),
    server.ok(['getent', 'group']),
    server.ok(['systemctl', 'list-unit-files', '--no-legend', '--plain']),
    server.ok(['systemctl', 'list-units', '--all', '--no-legend', '--plain', '*nusantara*']),
  ])
  const lines = (text: string) => text.split('\n').filter(line => line !== '')
  return [
    ...lines(files).filter(line => !byTools.test(line)),
    ...lines(users).map(line => `user ${line}`),
    ...lines(groups).map(line => `group ${line}`),
    ...lines(units).map(line => `unit ${line.replaceAll(/\s+/g, ' ')}`),
    ...lines(ran).map(line => `running ${line.split(' ', 1)[0]}`),
  ].sort()
}

/** What is there and was not, with a plus; what was there and is not, with a minus. Of a new folder the folder alone. */
export function changes(before: readonly string[], after: readonly string[]): readonly string[] {
  const [old, now] = [new Set(before), new Set(after)]
  const added = after.filter(line => !old.has(line))
  const folders = new Set(added.filter(line => line.startsWith('d ')).map(pathOf))
  const topmost = (line: string) => !folders.has(dirname(pathOf(line)))
  return [
    ...added.filter(topmost).map(line => `+ ${line}`),
    ...before.filter(line => !now.has(line)).map(line => `- ${line}`),
  ]
}

const pathOf = (line: string) => line.slice(line.indexOf(' file ') + ' file '.length)
