import type {
  CertificateSubject,
  ChangePlan,
  ChangeRequest,
  ChangeResult,
  KeyAlgorithm,
  KeyInfo,
  OperationResult,
  PackagePlan,
  PackageReport,
  PackageRequest,
  PackageResult,
  Params,
  ServiceStatus,
  TenantInfo,
} from '@nusantara/sdk'
import type { HostFacts } from './inspection/facts.js'
import type { MachineFacts } from './inspection/machine.js'

/**
 * The broker speaks JSON-RPC 2.0, one message a line (UTF-8, at most 8 MiB), on two unix sockets: `broker.sock`
 * (0660, for the panel) and `broker-admin.sock` (0600, root's command line only; `policy.approve` answers
 * there alone).
 *
 * Every request of a plugin names it and the policy digest that the request was made for; another digest in force
 * answers `policy_changed`. The broker trusts no field: actor and job are recorded, never believed.
 */
export interface Origin {
  readonly plugin: string
  readonly policy: string
  readonly actor: { readonly kind: string; readonly id: string; readonly name: string }
  readonly jobId?: string
}

/** What was agreed to, or is asked for: the parsed privileges.json, and the SHA-256 of each of its grammars by name. */
export interface Granted {
  readonly privileges: unknown
  readonly grammars: Readonly<Record<string, string>>
}

export interface PolicyInfo {
  readonly plugin: string
  readonly digest: string
  readonly state: 'enabled' | 'disabled' | 'unapproved' | 'rejected'
  readonly reason?: string
  /** The parsed privileges.json, for showing in words. */
  readonly privileges?: unknown
  readonly grammars?: Readonly<Record<string, string>>
  /** What root agreed to last, when something else is asked for now. */
  readonly approved?: Granted
  /** Operations and services disabled because their binary is missing. */
  readonly unavailable: readonly { readonly name: string; readonly bin: string }[]
}

/** One line of the journal: what was meant (before) or what came of it (after). Hash-chained. */
export interface JournalEntry {
  readonly seq: number
  /** ISO 8601 UTC. */
  readonly at: string
  readonly kind: 'intent' | 'result' | 'checkpoint' | 'policy' | 'recovery'
  readonly method: string
  readonly origin?: Origin
  readonly params?: unknown
  /** seq of the intent, for results. */
  readonly of?: number
  readonly outcome?: string
  readonly previous: string
  readonly hash: string
}

export interface AuditHead {
  readonly seq: number
  readonly hash: string
  readonly root: string
  readonly signature: string
  readonly publicKey: string
  readonly at: string
}

export interface Methods {
  'policy.describe': {
    params: { plugin?: string }
    result: {
      policies: readonly PolicyInfo[]
      versions: Readonly<Record<string, readonly string[]>>
      profile: 'sandbox' | 'system'
      isolation: boolean
    }
  }
  'policy.approve': { params: { plugin: string; digest: string }; result: PolicyInfo }
  'policy.enable': { params: { plugin: string; digest: string }; result: PolicyInfo }
  'policy.disable': { params: { plugin: string }; result: PolicyInfo }
  /** Streams `output` notifications `{request, seq, channel, data}` (base64) when `stream` is set. */
  'operation.run': {
    params: Origin & {
      operation: string
      tenant?: string
      params?: Params /** base64 */
      input?: string
      stream?: boolean
    }
    result: OperationResult
  }
  'service.run': {
    params: Origin & {
      service: string
      verb: 'start' | 'stop' | 'reload' | 'restart' | 'status'
      tenant?: string
      params?: Params
    }
    result: ServiceStatus
  }
  'package.describe': { params: Origin & { sets: readonly PackageRequest[] }; result: PackageReport }
  'package.plan': { params: Origin & { sets: readonly PackageRequest[] }; result: PackagePlan }
  /** This and the next two stream `output` as `operation.run` does. */
  'package.repair': { params: Origin & { stream?: boolean }; result: PackageResult }
  'package.refresh': { params: Origin & { stream?: boolean }; result: PackageResult }
  'package.install': {
    params: Origin & { sets: readonly PackageRequest[]; hash: string; stream?: boolean }
    result: PackageResult
  }
  'tenant.create': { params: Origin & { tenant: string }; result: TenantInfo }
  'tenant.remove': { params: Origin & { tenant: string; keepFiles: boolean }; result: Record<never, never> }
  'tenant.describe': { params: Origin & { tenant?: string }; result: { tenants: readonly TenantInfo[] } }
  'key.create': {
    params: Origin & { tenant: string; key: string; algorithm: KeyAlgorithm; exportable?: boolean }
    result: KeyInfo
  }
  /** `input`: the key in PEM, as base64. */
  'key.import': { params: Origin & { tenant: string; key: string; input: string }; result: KeyInfo }
  'key.export': { params: Origin & { tenant: string; key: string }; result: { pem: string } }
  'key.remove': { params: Origin & { tenant: string; key: string }; result: Record<never, never> }
  'key.describe': { params: Origin & { tenant: string }; result: { keys: readonly KeyInfo[] } }
  'csr.create': {
    params: Origin & { tenant: string; key: string } & Required<CertificateSubject>
    result: { der: string }
  }
  'csr.selfSign': {
    params: Origin & { tenant: string; key: string; days: number } & Required<CertificateSubject>
    result: { der: string }
  }
  'change.plan': { params: Origin & ChangeRequest; result: ChangePlan }
  'change.apply': {
    params: Origin &
      ChangeRequest & {
        changeId: string
        attempt: number
        expectHash?: string /** seconds; without change.confirm within them it is reverted */
        deadline?: number
      }
    result: ChangeResult
  }
  'change.revert': { params: Origin & { changeId: string; revertId: string; attempt: number }; result: ChangeResult }
  'change.describe': {
    params: Origin & { changeId: string /** Adds what it did to each file. */; diff?: boolean }
    result:
      | (ChangeResult & {
          files?: readonly {
            path: string
            action: 'create' | 'modify' | 'delete' | 'none'
            diff: string
            /** What the change left there is not what is there now: it cannot be taken back. */
            replaced?: true
          }[]
        })
      | null
  }
  /** Ends the wait of a change with a deadline. Answered only over a connection that was opened after it was applied. */
  'change.confirm': { params: Origin & { changeId: string }; result: ChangeResult }
  /** Files of the plugin that differ from what was last applied. `adopt` makes the bytes on disk the last applied; `discard` puts the last applied back. */
  'change.drift': {
    params: Origin & { path?: string; action?: 'adopt' | 'discard' }
    result: {
      files: readonly {
        path: string
        file: string
        tenant?: string
        diff: string
        kind: 'modified' | 'missing' | 'foreign'
      }[]
    }
  }
  /** When the panel must be started next, while it is away; null: not by time. Replaces what was set before. */
  'timer.set': { params: { at: string | null }; result: { at: string | null } }
  'audit.head': { params: Record<never, never>; result: AuditHead }
  'audit.verify': {
    params: { checkpoint?: AuditHead }
    result: {
      ok: boolean
      entries: number
      problems: readonly { seq: number; problem: string }[]
      head: AuditHead
      limits: readonly string[]
    }
  }
  'broker.status': {
    params: Record<never, never>
    result: {
      pid: number
      version: string
      profile: string
      isolation: boolean
      services: readonly (ServiceStatus & { service: string; plugin: string; tenant?: string; wanted?: boolean })[]
    }
  }
  /** What only root sees of the host: units, modes and owners, public ports, room, clock. Takes no parameter, changes nothing. */
  'host.inspect': { params: Record<never, never>; result: HostFacts }
  /** Processors, memory, room and load: cheap enough to be asked every few seconds. Takes no parameter, changes nothing. */
  'host.measure': { params: Record<never, never>; result: MachineFacts }
}

export type Method = keyof Methods
/**
 * `data` of a JSON-RPC error: the code of a Problem with its parameters. The codes are those of `errors.ts`; JSON-RPC's own
 * `code` is -32000 for all of them, and -32600…-32603 keep their meaning.
 */
export interface ErrorData {
  readonly code: string
  readonly params: Readonly<Record<string, unknown>>
}

/** Requests that one connection may have under way; one more answers `busy`. Clients hold back before. */
export const requestsInFlight = 1_536
