import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { signal } from '../process-identity.js'

/** Variable in the environment of every process of an operation, inherited by whatever it starts. */
export const markName = 'NUSA_OPERATION'

/** Stands in the environment of every process of one broker and of the one before it on the same state. */
export function markOf(state: string): string {
  return createHash('sha256').update(state).digest('hex').slice(0, 16)
}

/** One walk through /proc for all operations that end within this time: a walk takes as long as two of them. */
const reapAfterMs = 250

let pending: Set<string> | undefined

/**
 * Ends processes of a finished operation that left its process group. Done a moment later, once for all that finished
 * meanwhile, so that the answer does not wait for a walk through /proc. A process that also cleared its environment is
 * found only where operations run in units of their own.
 */
export function reapMarked(mark: string): void {
  if (pending) {
    pending.add(mark)
    return
  }
  pending = new Set([mark])
  setTimeout(() => {
    const marks = pending ?? new Set()
    pending = undefined
    for (const pid of marked(mark => marks.has(mark))) signal(pid, 'SIGKILL')
  }, reapAfterMs)
}

/** Ends what a killed broker left of its operations. @returns how many processes that were */
export function reapOrphans(broker: string): number {
  const orphans = marked(mark => mark.startsWith(`${broker}.`))
  for (const pid of orphans) signal(pid, 'SIGKILL')
  return orphans.length
}

function marked(matches: (mark: string) => boolean): readonly number[] {
  const found: number[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const environment = readFileSync(`/proc/${name}/environ`, 'latin1')
      const at = environment.indexOf(`${markName}=`)
      if (at >= 0 && matches(environment.slice(at + markName.length + 1).split('\0', 1)[0] as string))
        found.push(Number(name))
    } catch {
      // Gone meanwhile, or another user's: not one of ours.
    }
  }
  return found
}
