import type { PackageHost, PackageReport, PackageRequest, PackageState } from '@nusantara/sdk'
import type { Component, ComponentKind } from '../api.js'

/** A component with its names in `privileges.json`. */
export interface KnownComponent {
  readonly id: string
  readonly kind: ComponentKind
  readonly request: PackageRequest
  /** Unit that runs once it is installed, and its name in `privileges.json`. */
  readonly unit: string
  readonly service: string
}

/** Every component there can be, in the order in which a new server wants them. */
export function knownComponents(phpVersions: readonly string[]): readonly KnownComponent[] {
  const one = (id: string, kind: ComponentKind, set: string, unit: string): KnownComponent => ({
    id,
    kind,
    request: { set },
    unit,
    service: set,
  })
  return [
    one('nginx', 'web', 'web', 'nginx.service'),
    ...phpVersions.map(phpVersion => ({
      ...one(`php${phpVersion}-fpm`, 'php', 'php', `php${phpVersion}-fpm.service`),
      request: { set: 'php', params: { phpVersion } },
    })),
    one('mariadb-server', 'database', 'mariadb', 'mariadb.service'),
    one('postgresql', 'database', 'postgresql', 'postgresql.service'),
    one('redis-server', 'cache', 'redis', 'redis-server.service'),
  ]
}

/**
 * What the host's report says of each. Of the many versions of PHP only those are shown that are there or can be had:
 * those of the distribution, and of whatever repository the administrator added to its sources.
 */
export function componentsOf(known: readonly KnownComponent[], { host, sets }: PackageReport): readonly Component[] {
  return known
    .map((component, index) => stateOf(component, sets[index] ?? [], host))
    .filter(({ kind, state }) => kind !== 'php' || state !== 'unavailable')
}

function stateOf({ id, kind }: KnownComponent, packages: readonly PackageState[], host: PackageHost): Component {
  const [first] = packages
  // dpkg names the architecture of some.
  const half = new Set(host.interrupted?.map(name => name.replace(/:.*/, '')))
  const state = packages.some(({ name }) => half.has(name))
    ? 'broken'
    : missingOf(packages).length === 0
      ? 'installed'
      : packages.every(each => each.installed !== null || each.candidate !== null)
        ? 'available'
        : 'unavailable'
  return {
    id,
    kind,
    state,
    ...((state === 'installed' || state === 'broken') && first?.installed && { installed: first.installed }),
    ...(first?.candidate && { candidate: first.candidate }),
    installable: host.permitted && (state === 'available' || state === 'broken'),
  }
}

/** Names of those that are not installed. */
export function missingOf(packages: readonly PackageState[]): readonly string[] {
  return packages.filter(({ installed }) => installed === null).map(({ name }) => name)
}
