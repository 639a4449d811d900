import type { ServiceStatus } from '@nusantara/sdk'
import type { DeadlineGuard } from '../deadlines/guard.js'
import type { Host } from '../host.js'
import type { CompiledPolicy } from '../policy.js'
import type { Origin } from '../protocol.js'
import type { ResolvedService, ServiceRef } from '../services.js'

/** What stops, starts and asks services; each call throws when the service does not get there. */
export interface ChangeServices {
  resolve(ref: ServiceRef): ResolvedService
  status(ref: ServiceRef): Promise<ServiceStatus>
  start(ref: ServiceRef): Promise<unknown>
  stop(ref: ServiceRef): Promise<unknown>
  /** Signals a running service to take its new configuration, or restarts one that cannot. Does not wait for the effect. */
  reload(ref: ServiceRef): Promise<unknown>
  /** The main process and its descendants; empty when it does not run. */
  pids(ref: ServiceRef): Promise<readonly number[]>
}

/** Where a batch stands. A crash between any two of them is survived; the fault harness kills the process there. */
export type Step =
  | 'prepared'
  | 'checked'
  | 'opened'
  | 'written'
  | 'renaming'
  | 'renamed'
  | 'reloaded'
  | 'probed'
  | 'restored'
  | 'closed'

/** What the change transactions are given. */
export interface ChangeDeps {
  readonly host: Host
  readonly policy: {
    /** The enabled policy that a request was made for. @throws policy_changed and its kin */
    get(plugin: string, digest: string): CompiledPolicy
    /** The approved policy in force, for work that no request asks for: recovery and deadlines. */
    current(plugin: string): CompiledPolicy
  }
  readonly services: ChangeServices
  readonly journal: {
    intent(method: string, origin: Origin | undefined, params: unknown): Promise<number>
    result(seq: number, outcome: string, data?: unknown): Promise<void>
    record(kind: 'recovery', method: string, params: unknown): Promise<number>
    around<T>(method: string, origin: Origin | undefined, params: unknown, run: () => Promise<T>): Promise<T>
  }
  /** Keeps deadlines when this process is dead. */
  readonly guard: DeadlineGuard
  /** Ordinal of the newest connection that was accepted, see `Call.connection`. */
  readonly newestConnection: () => number
  readonly now: () => Date
  /** How long a probe may go on without the new configuration answering, milliseconds. Default 15,000. */
  readonly probeTimeoutMs?: number
  /** Told of what a person should read in the broker's log. */
  readonly warn: (message: string) => void
  readonly onStep?: (step: Step) => void
}
