export type ComponentKind = 'web' | 'php' | 'database' | 'cache'

/** One piece of software that sites stand on, as this server has it. */
export interface Component {
  /** Name of its package: `nginx`, `php8.2-fpm`. */
  readonly id: string
  readonly kind: ComponentKind
  /**
   * `broken`: its installation was interrupted, and another one finishes it. `unavailable`: neither installed nor offered
   * by the package sources of this server.
   */
  readonly state: 'installed' | 'broken' | 'available' | 'unavailable'
  /** Version that is installed, in whole or in part. */
  readonly installed?: string
  /** Version that an installation would take now. */
  readonly candidate?: string
  /** Whether its service runs; absent where that is not known: not installed, or a sandbox, which uses no services of the host. */
  readonly running?: boolean
  /** Whether this panel may install it now. */
  readonly installable: boolean
}

/** What an installation would cost, with everything that the component needs. */
export interface ComponentCost {
  readonly packages: number
  readonly downloadBytes: number
  readonly diskBytes: number
}

export interface ComponentDetails extends Component {
  /** Of a component that is available. */
  readonly cost?: ComponentCost
  /** When the package lists were fetched, ISO 8601; absent when there are none. */
  readonly listsFetched?: string
}
