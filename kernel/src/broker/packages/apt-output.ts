import type { PackageState, PlannedPackage } from '@nusantara/sdk'

/** Output of the package manager that does not look as its manual says: nothing is done on a guess. */
export class OutputUnclear extends Error {
  override readonly name = 'OutputUnclear'
  constructor(line: string) {
    super(`the package manager said what the broker does not understand: ${JSON.stringify(line.slice(0, 200))}`)
  }
}

/** deb-version(7), deb-src-control(5): what may stand in names and versions. */
const packageName = '[a-z0-9][a-z0-9+.-]*(?::[a-z0-9-]+)?'
const version = '[0-9A-Za-z][0-9A-Za-z.+~:-]*'
const policyHead = new RegExp(`^(${packageName}):$`)
const policyField = new RegExp(`^ {2}(Installed|Candidate): (\\(none\\)|${version})$`)
const installation = new RegExp(
  `^Inst (${packageName})(?: \\[(${version})\\])? \\((${version}) .*\\[([a-z0-9-]+)\\]\\)(?: \\[[^\\]]*\\])*$`,
)
const removal = new RegExp(`^(?:Remv|Purg) (${packageName})(?: .*)?$`)

/** `apt-cache policy NAME…`, by name. It may tell of more than was asked for. @throws OutputUnclear */
export function parsePolicy(output: string): ReadonlyMap<string, PackageState> {
  const found = new Map<string, PackageState>()
  let name: string | undefined
  let fields = new Map<string, string | null>()
  const close = () => {
    if (name === undefined) return
    const installed = fields.get('Installed')
    const candidate = fields.get('Candidate')
    if (installed === undefined || candidate === undefined) throw new OutputUnclear(`${name}:`)
    found.set(name, { name, installed, candidate })
  }
  for (const row of output.split('\n')) {
    const head = policyHead.exec(row)
    const field = policyField.exec(row)
    if (head) {
      close()
      name = head[1]
      fields = new Map()
    } else if (field) fields.set(field[1] as string, field[2] === '(none)' ? null : (field[2] as string))
    else if (/^ {0,2}(?:Installed|Candidate)\b/.test(row)) throw new OutputUnclear(row)
  }
  close()
  return found
}

export interface Simulation {
  readonly packages: readonly PlannedPackage[]
  readonly removed: readonly string[]
  readonly downgraded: readonly string[]
  readonly held: readonly string[]
}

/** `apt-get --simulate install …`. @throws OutputUnclear */
export function parseSimulation(output: string): Simulation {
  const packages: PlannedPackage[] = []
  const removed: string[] = []
  for (const row of output.split('\n')) {
    if (row.startsWith('Inst ')) {
      const [, name, from, to] = installation.exec(row) ?? []
      if (!name || !to) throw new OutputUnclear(row)
      packages.push({ name, version: to, action: from === undefined ? 'install' : 'upgrade' })
    } else if (/^(?:Remv|Purg) /.test(row)) {
      const name = removal.exec(row)?.[1]
      if (!name) throw new OutputUnclear(row)
      removed.push(name)
    }
  }
  return {
    packages,
    removed: [...new Set([...removed, ...listed(output, headings.removed)])],
    downgraded: listed(output, headings.downgraded),
    held: listed(output, headings.held),
  }
}

/** As apt 2 writes them, and apt 3. */
const headings = {
  removed: ['The following packages will be REMOVED:', 'REMOVING:'],
  downgraded: ['The following packages will be DOWNGRADED:', 'DOWNGRADING:'],
  held: ['The following held packages will be changed:', 'Changing held packages:'],
} as const

/** The indented names below a heading. */
function listed(output: string, names: readonly string[]): readonly string[] {
  const rows = output.split('\n')
  const at = rows.findIndex(row => names.includes(row))
  if (at < 0) return []
  const below = rows.slice(at + 1)
  const end = below.findIndex(row => !row.startsWith('  '))
  return below
    .slice(0, end < 0 ? undefined : end)
    .flatMap(row => row.trim().split(/\s+/))
    .map(name => name.replace(/\*$/, ''))
    .filter(Boolean)
}

/** Sizes in bytes of one version of a package. */
export interface PackageSize {
  readonly download: number
  readonly installed: number
}

/** `apt-cache show NAME=VERSION …`, by `name version`, each name with and without its architecture. */
export function parseSizes(output: string): ReadonlyMap<string, PackageSize> {
  const found = new Map<string, PackageSize>()
  for (const stanza of output.split('\n\n')) {
    const field = (key: string) => new RegExp(`^${key}: (.+)$`, 'm').exec(stanza)?.[1]
    const [name, is, architecture] = [field('Package'), field('Version'), field('Architecture')]
    if (!name || !is) continue
    // deb-control(5): Installed-Size is in units of 1024 bytes. The status file has no Size.
    const size = { download: whole(field('Size')), installed: whole(field('Installed-Size')) * 1024 }
    found.set(`${name} ${is}`, size)
    if (architecture) found.set(`${name}:${architecture} ${is}`, size)
  }
  return found
}

function whole(text: string | undefined): number {
  const value = Number(text ?? 0)
  return Number.isSafeInteger(value) && value >= 0 ? value : 0
}

export interface InstalledPackage {
  readonly name: string
  readonly version: string
  /** `installed`, or what an interrupted installation left: `unpacked`, `half-configured`, `half-installed`, `triggers-…`. */
  readonly status: string
}

/** `dpkg-query --show` in the format of {@link statusFormat}. @throws OutputUnclear */
export function parseStatus(output: string): readonly InstalledPackage[] {
  return output
    .split('\n')
    .filter(Boolean)
    .map(row => {
      const [name, is, status, ...rest] = row.split('|')
      if (!name || is === undefined || !status || rest.length > 0) throw new OutputUnclear(row)
      return { name, version: is, status }
    })
}

export const statusFormat = '${binary:Package}|${Version}|${db:Status-Status}\\n'
