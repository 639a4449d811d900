import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A process for good: a pid alone may have been given to another one meanwhile. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks after boot, field 22 of /proc/PID/stat (proc(5)). */
  readonly startTime: string
  readonly bootId: string
  /** Target of /proc/PID/exe. */
  readonly executable: string
}

export interface ProcessStat {
  readonly pid: number
  readonly state: string
  readonly parent: number
  readonly group: number
  readonly session: number
  readonly startTime: string
}

/** /proc/PID/stat; undefined when there is no such process. The name in it may hold blanks and brackets. */
export function processStat(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return {
      pid,
      state: fields[0] as string,
      parent: Number(fields[1]),
      group: Number(fields[2]),
      session: Number(fields[3]),
      startTime: fields[19] as string,
    }
  } catch {
    return undefined
  }
}

/** The identity of a living process; a zombie does not live. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = processStat(pid)
  if (!stat || stat.state === 'Z' || stat.state === 'X') return undefined
  try {
    return { pid, startTime: stat.startTime, bootId: bootId(), executable: executableOf(pid) }
  } catch {
    return undefined
  }
}

/** Whether that very process still lives. An executable that a package upgrade replaced is still the same process. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid)
  return (
    now !== undefined &&
    now.startTime === identity.startTime &&
    now.bootId === identity.bootId &&
    now.executable === identity.executable
  )
}

/** All processes of this host. */
export function allProcesses(): readonly ProcessStat[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(name => processStat(Number(name)))
    .filter(stat => stat !== undefined)
}

/** The process and everything that descends from it. */
export function processTree(pid: number, processes = allProcesses()): readonly number[] {
  const found = [pid]
  for (let index = 0; index < found.length; index++)
    for (const stat of processes) if (stat.parent === found[index]) found.push(stat.pid)
  return found
}

/** Signals a process or, negative, a group. Gone already is as good. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

let boot: string | undefined
export function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return boot
}

function executableOf(pid: number): string {
  return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '')
}
