import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, type Stats } from 'node:fs'

/** What jobs make and remove on a host: files, tenants, directories, processes. Text of files, kinds of the rest. */
export type HostState = ReadonlyMap<string, string>

/** One difference, with everything that another run would name differently replaced by what it is. */
export type Difference = readonly string[]

/** Below the home: directories whose files count with their content, and those where the name alone does. */
const contents = ['etc', 'www']
const names = ['run/tenants', 'run/services', 'log/sites']

/** @param ignored files that every reload writes, below the home */
export function hostState(home: string, ignored: readonly string[]): HostState {
  const state = new Map<string, string>()
  for (const directory of [...contents, ...names]) {
    const walk = (path: string) => {
      for (const name of list(`${home}/${path}`)) {
        const inner = `${path}/${name}`
        const stats = lstatSync(`${home}/${inner}`, { throwIfNoEntry: false })
        if (!stats || ignored.includes(inner)) continue
        // What a daemon logs comes with time; a directory for it comes with a tenant.
        if (stats.isDirectory() && directory !== 'log/sites') walk(inner)
        // In letters: the mode of a directory as one number, 40755, may be the port of a panel.
        const kind = `${typeOf(stats)} ${(stats.mode & 0o7777).toString(8)}`
        const read = stats.isFile() && contents.includes(directory)
        state.set(inner, read ? `${kind} ${readFileSync(`${home}/${inner}`, 'utf8')}` : kind)
      }
    }
    walk(directory)
  }
  for (const tenant of tenantsOf(home)) state.set(`tenant ${tenant}`, 'registered')
  for (const command of processesOf(home)) state.set(`process ${command}`, 'runs')
  return state
}

/**
 * What is there after a job was taken back, without the files that came into the root of a tenant who was there before:
 * the panel deletes nothing that lies among a tenant's own files.
 */
export function takenBack(before: HostState, after: HostState): HostState {
  const isNewFile = (name: string) => {
    const tenant = /^www\/([^/]+)\/files\//.exec(name)?.[1]
    return before.has(`tenant ${tenant}`) && !before.has(name)
  }
  return new Map([...after].filter(([name]) => !isNewFile(name)))
}

/**
 * @param own words of this run alone, such as its domain, by what they stand for
 * @param unlike texts that are others in each run
 */
export function difference(
  before: HostState,
  after: HostState,
  own: Readonly<Record<string, string>>,
  unlike: readonly RegExp[] = [],
): Difference {
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(name => before.get(name) !== after.get(name))
  const alike = (value: string) => unlike.reduce((out, text) => out.replaceAll(text, '<another>'), value)
  const shown = (value: string | undefined) => brief(anonymous(alike(value ?? 'absent'), own))
  return changed.map(name => `${anonymous(name, own)}: ${shown(before.get(name))} → ${shown(after.get(name))}`).sort()
}

function typeOf(stats: Stats): string {
  if (stats.isDirectory()) return 'dir'
  if (stats.isFile()) return 'file'
  if (stats.isSocket()) return 'socket'
  return stats.isSymbolicLink() ? 'link' : 'other'
}

/** Contents by their hash. */
function brief(value: string): string {
  return value.length < 16 ? value : createHash('sha256').update(value).digest('hex').slice(0, 12)
}

/** The broker's own list; a removed tenant stays in it, so that its user id is never given again. */
function tenantsOf(home: string): string[] {
  return list(`${home}/broker/tenants`)
    .map(name => JSON.parse(text(`${home}/broker/tenants/${name}`) || '{}') as { tenant?: string; removed?: string })
    .flatMap(({ tenant, removed }) => (tenant === undefined || removed !== undefined ? [] : [tenant]))
}

/** Commands of the services below this home; a worker's title names no file. */
function processesOf(home: string): string[] {
  return list('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(pid => text(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim())
    .filter(command => command.includes(`${home}/etc/`))
}

function anonymous(line: string, own: Readonly<Record<string, string>>): string {
  const named = Object.entries(own).reduce((out, [what, word]) => out.replaceAll(word, `<${what}>`), line)
  return named
    .replaceAll(/\bs[a-z2-7]{10}\b/g, '<tenant>')
    .replaceAll(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b/g, '<id>')
    .replaceAll(/\b[0-9a-f]{16,64}\b/g, '<hash>')
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
