import { Problem } from '../errors.js'
import type { CompiledChange, CompiledFile } from './compile.js'
import type { DiskFile } from './disk.js'
import type { Content } from './installer.js'
import type { AppliedFile, ChangeRecord, FileRecord } from './records.js'

/** One change that waits for its service. */
export interface Member {
  readonly changeId: string
  readonly attempt: number
  readonly compiled: CompiledChange
  readonly expectHash?: string
  /** Seconds until it is reverted unless confirmed. */
  readonly deadline?: number
  /** Exactly what must be on the disk, SHA-256 by path: a revert may not undo what came later. */
  readonly baseline?: ReadonlyMap<string, string | null>
  /** Revisions that stand in contents which a revert puts back, by path. */
  readonly revisions?: ReadonlyMap<string, string>
  /** The change that this one takes back. */
  readonly reverts?: ChangeRecord
  /** A service that does not run is left so, and gets its files. */
  readonly keepStopped?: true
  settle(record: ChangeRecord, problem?: Error): void
}

/** A change before anybody waits for it. */
export type Draft = Omit<Member, 'settle'>

export interface PreparedFile {
  readonly compiled: CompiledFile
  readonly disk: DiskFile | null
  readonly applied: AppliedFile | undefined
}

/** A member whose files were read and found free of drift. */
export interface Prepared {
  readonly member: Member
  readonly files: readonly PreparedFile[]
  readonly missing: readonly string[]
}

/** A prepared member under one revision. */
export interface Rendered {
  readonly prepared: Prepared
  readonly contents: readonly Content[]
  readonly records: readonly FileRecord[]
}

type Outcome = Pick<ChangeRecord, 'state' | 'batch' | 'timings'> & Partial<Pick<ChangeRecord, 'revision' | 'deadline'>>

export function recordOf(
  member: Member,
  files: readonly FileRecord[],
  outcome: Outcome,
  at: string,
  problem?: Error,
): ChangeRecord {
  const { changeId, attempt, compiled } = member
  return {
    changeId,
    attempt,
    plugin: compiled.plugin,
    change: compiled.change,
    digest: compiled.digest,
    service: compiled.service.ref,
    names: compiled.names,
    files,
    at,
    ...outcome,
    ...(problem && { problem: described(problem) }),
  }
}

function described(problem: Error): NonNullable<ChangeRecord['problem']> {
  if (problem instanceof Problem) return { code: problem.code, status: problem.status, params: problem.params }
  return { code: 'broker_internal', status: 500, params: { method: 'change.apply' } }
}
