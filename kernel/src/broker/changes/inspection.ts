import { isAsGiven } from './as-given.js'
import { sha256 } from './blobs.js'
import { type CompiledChange, type CompiledFile, canonical, placeholder } from './compile.js'
import { type DiskFile, readDisk } from './disk.js'
import type { Ledger } from './ledger.js'
import type { AppliedFile } from './records.js'

/** One file of a change beside what is on the disk and what was last applied. */
export interface InspectedFile {
  readonly compiled: CompiledFile
  readonly disk: DiskFile | null
  readonly applied: AppliedFile | undefined
  /** Content as it would be under the revision that the file has now: equal to the disk when nothing changes. */
  readonly wanted: Buffer | null
  readonly drifted: boolean
  readonly action: 'create' | 'modify' | 'delete' | 'none'
}

export interface Inspection {
  readonly files: readonly InspectedFile[]
  /** Over the policy and (path, before, after with placeholders); the same as long as nothing relevant changed. */
  readonly hash: string
}

/** Compares a change with the disk; touches nothing. @throws write_failed when a file cannot be read */
export async function inspect(change: CompiledChange, ledger: Ledger): Promise<Inspection> {
  const files = await Promise.all(change.files.map(file => inspectFile(file, ledger.applied.get(file.path))))
  const rows = files.map(({ compiled, disk }) => {
    const after = compiled.render(placeholder)
    return [compiled.path, disk?.sha ?? null, after && sha256(after)]
  })
  return { files, hash: sha256(canonical([change.policy, rows])) }
}

async function inspectFile(compiled: CompiledFile, applied: AppliedFile | undefined): Promise<InspectedFile> {
  const disk = await readDisk(compiled.path, { links: compiled.mayBeLink ?? false })
  const wanted = compiled.render(applied?.revision ?? placeholder)
  const drifted =
    isDrifted(disk, applied, wanted) && (applied !== undefined || !disk || !isAsGiven(compiled.path, disk))
  return { compiled, disk, applied, wanted, drifted, action: actionOf(disk, wanted) }
}

/** A file that is not as it was last applied, unless it is already what is wanted. */
function isDrifted(disk: DiskFile | null, applied: AppliedFile | undefined, wanted: Buffer | null): boolean {
  if ((disk?.sha ?? null) === (applied?.sha ?? null)) return false
  return disk ? !wanted || !disk.bytes.equals(wanted) : wanted !== null
}

function actionOf(disk: DiskFile | null, wanted: Buffer | null): InspectedFile['action'] {
  if (!disk) return wanted ? 'create' : 'none'
  if (!wanted) return 'delete'
  return disk.bytes.equals(wanted) ? 'none' : 'modify'
}
