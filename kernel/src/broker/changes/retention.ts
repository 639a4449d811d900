import type { Blobs } from './blobs.js'
import type { Ledger } from './ledger.js'

/** Changes whose replaced bytes are kept, newest first, so that they can be taken back. */
const revertible = 500

/** Removes stored contents that no file on the disk, no open batch and no recent change refers to. */
export async function dropOldContents(ledger: Ledger, blobs: Blobs): Promise<void> {
  const wanted = new Set<string>()
  const keep = (sha: string | null) => sha && wanted.add(sha)
  for (const { sha } of ledger.applied.values()) keep(sha)
  for (const { files } of ledger.open.values()) for (const { before } of files) keep(before)
  const changes = [...ledger.changes.values()]
  for (const [index, change] of changes.entries())
    if (index >= changes.length - revertible || change.state === 'awaiting_confirmation')
      for (const { before } of change.files) keep(before)
  await blobs.keep(wanted)
}
