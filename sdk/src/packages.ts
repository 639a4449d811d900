import type { Params } from './broker.js'

/** A set of `privileges.json` → `packages`, with the values of its parameters. */
export interface PackageRequest {
  readonly set: string
  readonly params?: Params
}

/** One package of a set, as this host has it and as its package lists offer it. */
export interface PackageState {
  readonly name: string
  readonly installed: string | null
  /** What an installation would take now; null when the lists do not know the package. */
  readonly candidate: string | null
}

/** How the package manager of the host stands. */
export interface PackageHost {
  /** Whether this broker installs packages at all: under the `system` profile, as root. */
  readonly permitted: boolean
  /** ISO 8601; null when there are no package lists. */
  readonly refreshed: string | null
  /** There are no lists, or they are older than a day. */
  readonly stale: boolean
  /** Packages that an interrupted installation left half done; null when none was interrupted. */
  readonly interrupted: readonly string[] | null
}

export interface PackageReport {
  readonly host: PackageHost
  /** For each set that was asked for, its packages. */
  readonly sets: readonly (readonly PackageState[])[]
}

export interface PlannedPackage {
  /** With its architecture, `libc6:i386`, where that is not the host's own. */
  readonly name: string
  readonly version: string
  readonly action: 'install' | 'upgrade'
}

/** What an installation of sets would do, all at once. It never removes or downgrades a package: such a plan is refused. */
export interface PackagePlan {
  /** Over the sets, whatever their order, their parameters, and name and version of each package. */
  readonly hash: string
  /** With what they depend on; empty when the sets are installed as a whole. */
  readonly packages: readonly PlannedPackage[]
  readonly installed: readonly PackageState[]
  /** Of the sets; only while the lists are stale, else they are refused. */
  readonly unknown: readonly string[]
  readonly downloadBytes: number
  /** How much larger what is installed becomes. */
  readonly diskBytes: number
  readonly host: PackageHost
}

export interface PackageResult {
  /** False when there was nothing to do. */
  readonly changed: boolean
}
