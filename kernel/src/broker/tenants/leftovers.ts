import { existsSync, lstatSync, readdirSync } from 'node:fs'

/** What a host keeps under a user's name or number outside of passwd(5) and of the directories that the broker made. */
export interface Leftovers {
  /** Absolute paths of plain files; the directories are the host's own, so that no tenant exchanged a name in them. */
  readonly files: readonly string[]
  /** Units of systemd-logind(8) for whoever lingers. */
  readonly units: readonly string[]
}

const byName = ['var/spool/cron/crontabs', 'var/mail', 'var/lib/systemd/linger'] as const
/** Jobs of at(1) are named by queue and time; their owner tells whose they are. */
const byOwner = ['var/spool/cron/atjobs', 'var/spool/cron/atspool'] as const

/** @param prefix directory that stands for the root of the file system, for tests */
export function leftovers({ name, uid }: { readonly name: string; readonly uid: number }, prefix = ''): Leftovers {
  const named = byName.map(directory => `${prefix}/${directory}/${name}`).filter(isFile)
  const owned = byOwner
    .map(directory => `${prefix}/${directory}`)
    .flatMap(directory => list(directory).map(entry => `${directory}/${entry}`))
    .filter(path => isFile(path) && lstatSync(path, { throwIfNoEntry: false })?.uid === uid)
  const lingers = existsSync(`${prefix}/run/user/${uid}`)
  return { files: [...named, ...owned], units: lingers ? [`user@${uid}.service`, `user-${uid}.slice`] : [] }
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
