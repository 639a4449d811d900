import { fchownSync, statSync } from 'node:fs'

/**
 * Gives a file that root's command line made in the panel's directory to the panel's user, who must read it.
 *
 * @param file its descriptor: the directory is the panel's, so its name could have become a link to any file by now
 */
export function giveToOwner(file: number, directory: string): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = statSync(directory)
  fchownSync(file, uid, gid)
}
