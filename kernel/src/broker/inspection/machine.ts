import { readFile } from 'node:fs/promises'
import { cpus, hostname, loadavg, machine, release, uptime } from 'node:os'
import { type Room, roomAt } from '../../host/file-system.js'
import type { BrokerConfig } from '../config.js'

/** What a server is made of and how busy it is, as it is now. The panel itself sees none of it: its unit hides `/proc`. */
export interface MachineFacts {
  readonly hostname: string
  /** `Debian GNU/Linux 12 (bookworm)`, from os-release(5). */
  readonly system: string
  /** Of the kernel, `6.1.0-18-amd64`. */
  readonly release: string
  /** `x86_64`, as uname(1) has it. */
  readonly architecture: string
  /** Since the boot. */
  readonly uptimeSeconds: number
  readonly processors: number
  readonly processor: string
  /** Processes that run or wait to, on average over 1, 5 and 15 minutes (proc(5), loadavg). */
  readonly load: readonly [number, number, number]
  readonly memory: { readonly bytes: number; readonly availableBytes: number }
  readonly swap: { readonly bytes: number; readonly freeBytes: number }
  /** Each file system once that the panel or its sites write to. */
  readonly disks: readonly (Pick<Room, 'bytes' | 'freeBytes'> & { readonly path: string })[]
}

export async function measureMachine({ roots, journalDir }: BrokerConfig): Promise<MachineFacts> {
  const [system, memory, ...rooms] = await Promise.all([
    readFile('/etc/os-release', 'utf8').catch(() => ''),
    readFile('/proc/meminfo', 'utf8'),
    ...[roots.www, roots.state, roots.log, journalDir].map(async path => ({ path, ...(await roomAt(path)) })),
  ])
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(memory)?.[1] ?? 0) * 1024
  const processors = cpus()
  return {
    hostname: hostname(),
    system: /^PRETTY_NAME="?([^"\n]*)/m.exec(system)?.[1] ?? '',
    release: release(),
    architecture: machine(),
    uptimeSeconds: Math.floor(uptime()),
    processors: processors.length,
    processor: processors[0]?.model ?? '',
    load: loadavg() as [number, number, number],
    memory: { bytes: bytes('MemTotal'), availableBytes: bytes('MemAvailable') },
    swap: { bytes: bytes('SwapTotal'), freeBytes: bytes('SwapFree') },
    disks: rooms
      .filter((room, index) => rooms.findIndex(({ device }) => device === room.device) === index)
      .map(({ path, bytes, freeBytes }) => ({ path, bytes, freeBytes })),
  }
}
