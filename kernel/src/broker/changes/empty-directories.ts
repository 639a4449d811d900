import type { ChangeStore } from './store.js'

/**
 * Removes the directories of these files that changes made and that are empty now. The ledger hears of it afterwards: a
 * crash in between is made up for at the next start.
 */
export async function removeEmpty({ installer, ledger }: ChangeStore, paths: readonly string[]): Promise<void> {
  const unmade = installer.prune(paths, ledger.made)
  // A directory that is gone and still listed is found gone again.
  if (unmade.length) await ledger.note({ unmade }).catch(() => {})
}
