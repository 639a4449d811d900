import type { Host } from '../host.js'
import type { Journal } from '../journal.js'
import { markOf } from '../operations/reaper.js'
import type { Policy } from '../policy.js'
import { boolean, digest, name, params, pluginRequest } from '../requests.js'
import type { Call, Rpc } from '../rpc/rpc.js'
import { array, object } from '../schema.js'
import { Apt } from './apt.js'
import { type PackageCall, Packages } from './packages.js'

export { Packages } from './packages.js'

/** Packages of this host; only a broker that is root under the `system` profile changes them. */
export async function hostPackages(parts: { host: Host; policy: Policy; journal: Journal }): Promise<Packages> {
  const { host, policy, journal } = parts
  const mark = markOf(host.roots.state)
  const runner =
    host.profile === 'system' && host.own.uid === 0
      ? new (await import('./package-unit.js')).PackageUnit(mark, `${host.roots.state}/packages`)
      : undefined
  return new Packages(host, policy, journal, new Apt(mark), runner)
}

/** Registers the `package.*` methods. */
export function registerPackages(rpc: Rpc, packages: Packages): void {
  const set = object({ set: name }, { params })
  // As many as one plan takes: the package manager solves them together.
  const sets = array(set, { min: 1, max: 20 })
  rpc.register(
    'package.describe',
    ({ sets, ...origin }) => packages.describe(origin, sets),
    pluginRequest({ sets: array(set, { max: 64 }) }, {}),
  )
  rpc.register('package.plan', ({ sets, ...origin }) => packages.plan(origin, sets), pluginRequest({ sets }, {}))
  rpc.register(
    'package.repair',
    ({ stream, ...origin }, call) => packages.repair(origin, packageCall(call, stream)),
    pluginRequest({}, { stream: boolean }),
  )
  rpc.register(
    'package.refresh',
    ({ stream, ...origin }, call) => packages.refresh(origin, packageCall(call, stream)),
    pluginRequest({}, { stream: boolean }),
  )
  rpc.register(
    'package.install',
    ({ sets, hash, stream, ...origin }, call) => packages.install(origin, { sets, hash }, packageCall(call, stream)),
    pluginRequest({ sets, hash: digest }, { stream: boolean }),
  )
}

function packageCall({ signal, output }: Call, stream: boolean | undefined): PackageCall {
  return { signal, ...(stream && { output }) }
}
