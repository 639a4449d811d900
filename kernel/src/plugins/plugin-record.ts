import type { Problem } from '@nusantara/sdk'
import type { Lifetime } from './lifetime.js'
import type { Manifest } from './manifest.js'

export type PluginState =
  | 'discovered'
  | 'rejected'
  | 'resolved'
  | 'starting'
  | 'running'
  | 'stopping'
  | 'stopped'
  | 'failed'

export interface PluginCost {
  /** From the decision to start it until it ran. */
  readonly startMs: number
  /** By which the heap had grown then; rough, other work counts too. */
  readonly heapBytes: number
}

/** What the panel knows about one plugin. */
export interface PluginRecord {
  readonly id: string
  readonly directory: string
  /** Came with the panel. */
  readonly bundled: boolean
  /** Absent when it was rejected before it could be read. */
  readonly manifest?: Manifest
  state: PluginState
  enabled: boolean
  /** Why it is rejected, failed, or not started. */
  problem?: Problem
  /** Optional dependencies that count as absent. */
  readonly ignored: readonly { readonly dependency: string; readonly range: string; readonly version: string }[]
  /** Commands of its conditions that this machine lacks. */
  missing: readonly { readonly command: string; readonly package: string }[]
  /** Of the privileges in force, or agreed to. */
  digest?: string
  lifetime?: Lifetime
  cost?: PluginCost
}
