import { chownSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Gives a file that root's command line made in the panel's directory to the panel's user, who must read it. */
export function giveToOwner(path: string, directory = dirname(path)): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = statSync(directory)
  chownSync(path, uid, gid)
}
