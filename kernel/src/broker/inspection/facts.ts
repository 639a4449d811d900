import type { Room } from '../../host/file-system.js'

/** A unit of systemd as `systemctl show` has it, or a service of a sandbox in the same words. */
export interface UnitFacts {
  readonly unit: string
  /** `loaded`, `not-found`, `masked`, `bad-setting` … */
  readonly load: string
  /** `active`, `inactive`, `failed`, `activating` … */
  readonly active: string
  readonly sub: string
  /** Why it ended: `success`, `exit-code`, `oom-kill` … */
  readonly result: string
  /** Whether it is started at boot or on demand: `enabled`, `static`, `disabled` …; empty when nobody knows. */
  readonly enabled: string
  /** Of a service: `notify`, `oneshot` …; empty for others. */
  readonly type: string
  /** Of a socket: addresses it listens on. */
  readonly listens: readonly string[]
}

export interface PathFault {
  readonly path: string
  /**
   * `readable`: others than its owner read a secret; `writable`: others can change it; `owner`: it belongs to somebody who
   * should not be able to change it; `missing`: it is not there.
   */
  readonly fault: 'readable' | 'writable' | 'owner' | 'missing'
  /** Octal, `0644`; empty when it is missing. */
  readonly mode: string
  readonly owner: string
}

/** Who takes connections on a public port. */
export interface PortFacts {
  readonly name: 'http' | 'https'
  readonly port: number
  readonly address: string
  readonly user: string
  readonly pid?: number
  readonly program?: string
  /** A service that the broker runs. Absent when that cannot be told. */
  readonly own?: boolean
}

/** What only root sees of the host, with nothing in it that is secret. */
export interface HostFacts {
  readonly profile: 'sandbox' | 'system'
  readonly units: readonly UnitFacts[]
  /** The first of them; `faults` counts all. */
  readonly permissions: readonly PathFault[]
  readonly faults: number
  /** Files and directories that were looked at. */
  readonly looked: number
  readonly ports: readonly PortFacts[]
  /** The public ports that were looked at. */
  readonly public: { readonly http: number; readonly https: number }
  readonly disks: readonly (Room & { readonly path: string })[]
  /** Absent when nothing on this host knows. */
  readonly clockSynchronized?: boolean
  /** `debian 12`; `known` when the panel was made for it. */
  readonly distribution: string
  readonly known: boolean
  /** The broker's own, `v24.21.0`. */
  readonly runtime: string
  /** What became of the last upgrade, when it was taken back. */
  readonly upgrade?: UpgradeFacts
}

export interface UpgradeFacts {
  readonly from: string
  readonly to: string
  /** ISO 8601 UTC. */
  readonly at: string
  readonly reason: string
}
