import type { ChangeResult, ChangeState } from '@nusantara/sdk'
import type { ServiceRef } from '../services.js'

/** One key a service instance; the order of parameters does not matter. */
export function serviceKey({ plugin, service, tenant, params }: ServiceRef): string {
  const sorted = Object.entries(params ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([plugin, service, tenant ?? null, sorted])
}

/** Begins the ids of changes that the broker makes itself; no request may bring such an id. */
export const ownChange = 'broker:'

/** One file of a change: content by its SHA-256, null where there is no file. */
export interface FileRecord {
  /** Name in the manifest; '' for the revision file, which is the broker's own. */
  readonly file: string
  readonly path: string
  readonly before: string | null
  /** Of the file that was there. */
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  readonly after: string | null
  /** By the file's rule. */
  readonly mayBeLink?: true
  /** What stood there before was a symbolic link, and `before` is the digest of its content. */
  readonly linkBefore?: true
  /** Revision that stands in the file before, when it was written by a change. */
  readonly revisionBefore?: string
}

/** What became of a change; the answer to whoever asks again. */
export interface ChangeRecord {
  readonly changeId: string
  readonly plugin: string
  readonly change: string
  readonly attempt: number
  readonly state: ChangeState
  /** SHA-256 of the request, so that an id stands for one request only. */
  readonly digest: string
  readonly service: ServiceRef
  readonly names: readonly string[]
  readonly files: readonly FileRecord[]
  readonly revision?: string
  readonly batch: number
  readonly timings: Readonly<Record<string, number>>
  readonly problem?: {
    readonly code: string
    readonly status: number
    readonly params: Readonly<Record<string, unknown>>
  }
  /** Restored at start after a crash: nobody was told an outcome, so the same attempt may run. */
  readonly recovered?: true
  /** ISO 8601: reverted then, unless confirmed. */
  readonly deadline?: string
  /** ISO 8601. */
  readonly at: string
}

/** The last bytes that a change (or an adoption) made the truth of a path. */
export interface AppliedFile {
  readonly path: string
  readonly plugin: string
  readonly file: string
  readonly service: ServiceRef
  readonly sha: string
  readonly revision?: string
  readonly secret?: true
  /** A symbolic link that was put back. */
  readonly link?: true
  /** Absent: the broker's own user. */
  readonly owner?: { readonly uid: number; readonly gid: number }
}

/** Intent of one batch: durable before the first rename. */
export interface OpenBatch {
  readonly batch: string
  readonly service: ServiceRef
  readonly at: string
  readonly members: readonly ChangeRecord[]
  /** Every file of the batch, the revision file too. */
  readonly files: readonly FileRecord[]
  /** Directories that the batch makes, outermost first. */
  readonly directories: readonly string[]
}

export type LedgerLine =
  | ({ readonly t: 'open' } & OpenBatch)
  | {
      readonly t: 'close'
      readonly batch: string
      readonly changes: readonly ChangeRecord[]
      readonly applied: readonly AppliedFile[]
      readonly gone: readonly string[]
      /** Directories that the batch made for files that stay. */
      readonly made?: readonly string[]
      /** Of those, the ones that a later batch left empty and removed. */
      readonly unmade?: readonly string[]
    }
  | {
      readonly t: 'note'
      readonly changes?: readonly ChangeRecord[]
      readonly applied?: readonly AppliedFile[]
      readonly gone?: readonly string[]
      readonly made?: readonly string[]
      readonly unmade?: readonly string[]
    }

/** What the caller of a change is told. */
export function resultOf({ changeId, state, revision, batch, timings }: ChangeRecord): ChangeResult {
  return { changeId, state, ...(revision !== undefined && { revision }), batch, timings }
}

/** The files of a service instance that are in force. */
export function ownPaths(applied: ReadonlyMap<string, AppliedFile>, ref: ServiceRef): string[] {
  const key = serviceKey(ref)
  const own: string[] = []
  for (const { path, service } of applied.values()) if (serviceKey(service) === key) own.push(path)
  return own
}
