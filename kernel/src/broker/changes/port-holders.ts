import { readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Listening, listening } from '../../host/listening.js'
import { socketsOf } from '../../host/proc-sockets.js'
import { ListenerTaken } from '../errors.js'
import type { Host } from '../host.js'
import { allProcesses } from '../process-identity.js'

/** A program that listens where the sites are to answer. */
export interface PortHolder {
  /** `0.0.0.0:80`, `[::]:80` */
  readonly listener: string
  /** Name of the program; `none` when its process may not be looked at. */
  readonly program: string
  readonly pid: number
  /** The systemd unit that it runs in; `none` outside of one. */
  readonly unit: string
}

/** What a process leaves behind when it is killed goes on listening for a moment. */
const patienceMs = 3000

/**
 * Nothing but the service itself may listen where these listeners are: another program on one address would answer in
 * place of every site there, and the service could not even start on all.
 *
 * @param names of listeners that the configuration will have
 * @param own processes of the service
 * @throws listener_taken that names the program
 */
export async function refuseForeign(
  host: Pick<Host, 'listeners'>,
  names: readonly string[],
  own: () => Promise<readonly number[]>,
): Promise<void> {
  if (!names.length) return
  const all = Object.entries(host.listeners())
  const wanted = all.flatMap(([name, listener]) => (names.includes(name) ? [parse(listener)] : []))
  const until = performance.now() + patienceMs
  for (let wait = 20; ; wait = Math.min(wait * 2, 300)) {
    const foreign = listening().filter(each => wanted.some(other => overlap(each, other)))
    if (!foreign.length) return
    const mine = new Set((await own()).flatMap(socketsOf))
    const taken = foreign.find(({ inode }) => !mine.has(inode))
    if (!taken) return
    if (performance.now() > until) throw ListenerTaken({ ...holderOf(taken) })
    await delay(wait)
  }
}

function parse(listener: string): Pick<Listening, 'address' | 'port'> {
  const [, six, four, port] = /^(?:\[(.*)\]|(.*)):(\d+)$/.exec(listener) ?? []
  return { address: six ?? four ?? '', port: Number(port) }
}

/** A wildcard, also the one of the other family, takes the port from every address of the host. */
function overlap(one: Pick<Listening, 'address' | 'port'>, other: Pick<Listening, 'address' | 'port'>): boolean {
  if (one.port !== other.port) return false
  const sameFamily = one.address.includes(':') === other.address.includes(':')
  if (one.address === '::' || other.address === '::') return true
  return sameFamily && (one.address === other.address || [one.address, other.address].includes('0.0.0.0'))
}

function holderOf({ address, port, inode }: Listening): PortHolder {
  const listener = `${address.includes(':') ? `[${address}]` : address}:${port}`
  const pid = allProcesses().find(each => socketsOf(each.pid).includes(inode))?.pid
  if (pid === undefined) return { listener, program: 'none', pid: 0, unit: 'none' }
  return { listener, program: plain(programOf(pid)) || 'none', pid, unit: unitOf(text(pid, 'cgroup')) || 'none' }
}

/** Of the file that it runs: a program may call its process as it likes, and some name it after a thread. */
function programOf(pid: number): string {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, ''))
  } catch {
    return text(pid, 'comm')
  }
}

/** The last unit in the path of the control group: `0::/system.slice/web.service`. */
function unitOf(cgroup: string): string {
  const path = cgroup.split('\n').find(row => row.startsWith('0::')) ?? ''
  return plain(path.split('/').findLast(name => /\.(?:service|scope)$/.test(name)) ?? '')
}

/** A program names itself; it ends up in messages. */
function plain(name: string): string {
  return name
    .trim()
    .replaceAll(/[^\x21-\x7e]/g, '?')
    .slice(0, 64)
}

function text(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}
