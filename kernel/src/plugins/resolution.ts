import type { Problem } from '@nusantara/sdk'
import semver from 'semver'
import { DependencyCycle, DependencyMissing, DependencyOutOfRange, DependencyRejected } from './errors.js'
import type { Manifest } from './manifest.js'

export interface Resolution {
  /** Dependencies before their dependants. */
  readonly order: readonly string[]
  readonly rejected: ReadonlyMap<string, Problem>
  /** Optional dependencies whose version is out of range; they count as absent. */
  readonly ignored: readonly {
    readonly plugin: string
    readonly dependency: string
    readonly range: string
    readonly version: string
  }[]
}

/** Decides which plugins can run together and in which order. Looks at every plugin, enabled or not. */
export function resolve(manifests: readonly Manifest[]): Resolution {
  const byId = new Map(manifests.map(manifest => [manifest.id, manifest]))
  const rejected = new Map<string, Problem>()
  for (const manifest of manifests) {
    const problem = unmet(manifest, byId)
    if (problem) rejected.set(manifest.id, problem)
  }
  const ignored = manifests.flatMap(manifest => outOfRange(manifest, byId))
  const absent = new Set(ignored.map(({ plugin, dependency }) => `${plugin} ${dependency}`))
  const edges = (id: string): string[] => {
    const manifest = byId.get(id)
    const optional = Object.keys(manifest?.optionalDependencies ?? {}).filter(other => !absent.has(`${id} ${other}`))
    return [...Object.keys(manifest?.dependencies ?? {}), ...optional].filter(other => byId.has(other))
  }
  const { order, cycles } = topological([...byId.keys()].sort(), edges)
  for (const cycle of cycles) {
    const named = [...cycle, cycle[0]].join(' → ')
    for (const plugin of cycle)
      if (!rejected.has(plugin)) rejected.set(plugin, DependencyCycle({ plugin, cycle: named }))
  }
  for (const plugin of order) {
    if (rejected.has(plugin)) continue
    const dependency = Object.keys(byId.get(plugin)?.dependencies ?? {}).find(id => rejected.has(id))
    if (dependency) rejected.set(plugin, DependencyRejected({ plugin, dependency }))
  }
  return { order: order.filter(id => !rejected.has(id)), rejected, ignored }
}

function unmet(manifest: Manifest, byId: ReadonlyMap<string, Manifest>): Problem | undefined {
  const plugin = manifest.id
  for (const [dependency, range] of Object.entries(manifest.dependencies ?? {})) {
    const version = byId.get(dependency)?.version
    if (!version) return DependencyMissing({ plugin, dependency, range })
    if (!semver.satisfies(version, range)) return DependencyOutOfRange({ plugin, dependency, range, version })
  }
  return undefined
}

function outOfRange(manifest: Manifest, byId: ReadonlyMap<string, Manifest>): Resolution['ignored'] {
  return Object.entries(manifest.optionalDependencies ?? {}).flatMap(([dependency, range]) => {
    const version = byId.get(dependency)?.version
    return version && !semver.satisfies(version, range) ? [{ plugin: manifest.id, dependency, range, version }] : []
  })
}

/** Depth first; a node met again on its own path closes a cycle. */
function topological(ids: readonly string[], edges: (id: string) => readonly string[]) {
  const order: string[] = []
  const cycles: string[][] = []
  const done = new Set<string>()
  const path: string[] = []
  const visit = (id: string): void => {
    if (done.has(id)) return
    const met = path.indexOf(id)
    if (met >= 0) {
      cycles.push(path.slice(met))
      return
    }
    path.push(id)
    for (const next of edges(id)) visit(next)
    path.pop()
    done.add(id)
    order.push(id)
  }
  for (const id of ids) visit(id)
  return { order, cycles }
}
