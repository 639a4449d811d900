import type { Blobs } from './blobs.js'
import type { Ledger } from './ledger.js'

/** Changes whose replaced bytes are kept, newest first, so that they can be taken back. */
const revertible = 500

/** Removes stored contents that no file on the disk, no open batch and no recent change refers to. */
export function dropOldContents(ledger: Ledger, blobs: Blobs): Promise<void> {
  return blobs.keep(() => referredTo(ledger))
}

function referredTo(ledger: Ledger): ReadonlySet<string> {
  const found = new Set<string>()
  const add = (sha: string | null) => sha && found.add(sha)
  for (const { sha } of ledger.applied.values()) add(sha)
  for (const { files } of ledger.open.values()) for (const { before } of files) add(before)
  const changes = [...ledger.changes.values()]
  for (const [index, change] of changes.entries())
    if (index >= changes.length - revertible || change.state === 'awaiting_confirmation')
      for (const { before } of change.files) add(before)
  return found
}
