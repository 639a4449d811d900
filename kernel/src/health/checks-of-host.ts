import type { HostFacts, PathFault, PortFacts, UnitFacts } from '../broker/inspection/facts.js'
import type { Room } from '../host/file-system.js'
import { command, type Finding, finding } from './finding.js'

const mebibyte = 1024 * 1024
const lowDisk = { failed: 512 * mebibyte, warning: 2048 * mebibyte }
/** Of all inodes, those that must be left. */
const lowInodes = { failed: 0.005, warning: 0.05 }
const shown = 5

/** Who answers on the ports of sites. */
export function checkPublicPorts({ ports, public: expected }: Pick<HostFacts, 'ports' | 'public'>): Finding[] {
  return [expected.http, expected.https].flatMap(port => {
    const sockets = ports.filter(socket => socket.port === port)
    const strangers = distinct(sockets.filter(({ own }) => own === false))
    if (strangers.length > 0) return strangers.map(stranger => taken(port, stranger))
    const [first] = sockets
    if (!first) return [finding('ports', 'ok', { port }, { variant: 'free' })]
    return [finding('ports', 'ok', { port, program: first.program ?? first.user }, { variant: 'served' })]
  })
}

function taken(port: number, { address, program, pid, user }: PortFacts): Finding {
  const params = { port, address, program: program ?? '?', pid: pid ?? 0, user }
  return finding('ports', 'failed', params, { variant: 'taken', command: seeProcess(pid) })
}

function distinct(sockets: readonly PortFacts[]): readonly PortFacts[] {
  return [...new Map(sockets.map(socket => [socket.pid, socket])).values()]
}

/** systemctl(1) names the unit that a process belongs to. */
export function seeProcess(pid: number | undefined): string | undefined {
  return pid === undefined ? undefined : command('systemctl', 'status', String(pid))
}

/** The socket through which systemd starts the panel listens where the panel is told to. */
export function checkPanelSocket(units: readonly UnitFacts[], port: number): Finding[] {
  const socket = units.find(({ unit, active }) => unit === 'nusantara-panel.socket' && active === 'active')
  if (!socket || socket.listens.some(address => address.endsWith(`:${port}`))) return []
  const params = { port, socket: socket.listens.join(', ') }
  return [finding('ports', 'failed', params, { variant: 'differs', command: command('systemctl', 'cat', socket.unit) })]
}

/** Every unit of the panel and of its sites is as it should be. */
export function checkUnits({ units, profile }: Pick<HostFacts, 'units' | 'profile'>): Finding[] {
  const sockets = new Set(units.map(({ unit }) => unit).filter(unit => unit.endsWith('.socket')))
  const wrong = units.flatMap(unit => {
    const variant = faultOf(unit, sockets)
    return variant ? [unitFinding(unit, variant, profile)] : []
  })
  const running = units.filter(({ active }) => active === 'active').length
  return wrong.length > 0 ? wrong : [finding('units', 'ok', { count: units.length, running })]
}

type UnitFault = 'failed' | 'masked' | 'missing' | 'absent' | 'broken' | 'restarting' | 'inactive'

/** Units of the package; others are of the distribution, and nothing is wrong with what nobody installed yet. */
const ours = /^nusantara-/

function faultOf(unit: UnitFacts, sockets: ReadonlySet<string>): UnitFault | undefined {
  if (unit.load === 'masked') return 'masked'
  if (unit.load === 'not-found') return ours.test(unit.unit) ? 'missing' : 'absent'
  if (unit.load !== 'loaded') return 'broken'
  if (unit.active === 'failed') return 'failed'
  if (unit.sub === 'auto-restart') return 'restarting'
  if (unit.active !== 'inactive') return undefined
  // Started by its socket when somebody comes.
  if (sockets.has(unit.unit.replace(/service$/, 'socket')) && !unit.unit.endsWith('.socket')) return undefined
  return unit.enabled.startsWith('enabled') && unit.type !== 'oneshot' ? 'inactive' : undefined
}

function unitFinding(facts: UnitFacts, variant: UnitFault, profile: HostFacts['profile']): Finding {
  const { unit } = facts
  const words: Readonly<Record<UnitFault, readonly string[] | undefined>> = {
    failed: ['journalctl', '-u', unit, '-n', '50'],
    restarting: ['journalctl', '-u', unit, '-n', '50'],
    masked: ['systemctl', 'unmask', unit],
    missing: undefined,
    absent: undefined,
    broken: ['systemctl', 'status', unit],
    inactive: ['systemctl', 'enable', '--now', unit],
  }
  const detail = [facts.active, facts.sub, facts.result].filter(Boolean).join(', ')
  const sandbox = profile === 'sandbox'
  const mend = sandbox ? undefined : words[variant]
  return finding(
    'units',
    variant === 'absent' ? 'warning' : 'failed',
    { unit, detail },
    { variant: sandbox ? 'service' : variant, command: mend && command(...mend) },
  )
}

const mending: Readonly<Record<PathFault['fault'], readonly string[]>> = {
  readable: ['chmod', 'go-rwx'],
  writable: ['chmod', 'go-w'],
  owner: ['chown', 'root:root'],
  missing: [],
}

/** What decides over root belongs to whom it should and can be changed by nobody else. */
export function checkPermissionFacts(facts: Pick<HostFacts, 'permissions' | 'faults' | 'looked'>): Finding[] {
  const kinds = Map.groupBy(facts.permissions, ({ fault }) => fault)
  if (kinds.size === 0) return [finding('permissions', 'ok', { count: facts.looked }, { variant: 'guarded' })]
  return [...kinds].map(([fault, found]) => {
    const files = found.map(({ path, mode, owner }) => (mode ? `${path} (${mode} ${owner})` : path))
    const params = { count: found.length, files: enumerate(files) }
    const words = mending[fault]
    const line = words.length > 0 ? command(...words, ...found.slice(0, shown).map(({ path }) => path)) : undefined
    return finding('permissions', 'failed', params, { variant: fault, command: line })
  })
}

function enumerate(names: readonly string[]): string {
  return names.length > shown ? `${names.slice(0, shown).join(', ')}, …` : names.join(', ')
}

/** A place and the room on its file system. */
export type Place = Room & { readonly path: string }

/** Room for state, journal, logs and sites; one finding for each file system. */
export function checkRoom(places: readonly Place[]): Finding[] {
  return [...Map.groupBy(places, ({ device }) => device).values()].map(same => {
    const [{ freeBytes, freeInodes, inodes, path }] = same as [Place, ...Place[]]
    const paths = outermost(same.map(place => place.path)).join(', ')
    const see = command('du', '-xhd1', path)
    const share = inodes > 0 ? freeInodes / inodes : 1
    const short = grade(freeBytes, lowDisk)
    const few = grade(share, lowInodes)
    const params = { home: paths, megabytes: Math.floor(freeBytes / mebibyte), files: freeInodes }
    if (few === 'failed' || (few === 'warning' && short === 'ok'))
      return finding('disk', few, params, { variant: 'inodes', command: command('du', '--inodes', '-xd1', path) })
    return finding('disk', short, params, { command: see })
  })
}

/** Without those that lie below others of them. */
function outermost(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)].filter(path => !paths.some(other => path.startsWith(`${other}/`)))
}

function grade(left: number, low: { readonly failed: number; readonly warning: number }): Finding['status'] {
  return left < low.failed ? 'failed' : left < low.warning ? 'warning' : 'ok'
}

/** Something keeps the clock of this machine right. */
export function checkSynchronization({ clockSynchronized }: Pick<HostFacts, 'clockSynchronized'>): Finding[] {
  if (clockSynchronized !== false) return []
  const mend = command('timedatectl', 'set-ntp', 'true')
  return [finding('clock', 'warning', {}, { variant: 'alone', command: mend })]
}

/** The last upgrade, when it was taken back. */
export function checkUpgrade({ upgrade }: Pick<HostFacts, 'upgrade'>): Finding[] {
  if (!upgrade) return []
  const mend = command('journalctl', '-u', 'nusantara-panel.service', '--since', upgrade.at.slice(0, 10))
  return [finding('versions', 'warning', { ...upgrade }, { variant: 'fallback', command: mend })]
}
