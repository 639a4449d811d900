import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inject, Lifecycle, scoped } from 'tsyringe'
import type { Config } from '../config/config.js'
import { CONFIG } from '../config/token.js'

/**
 * Which host a job belongs to, and which process runs it. The host's id is kept in the panel's home, so that it survives
 * a rename of the machine; the runner's id names the process so that a dead one can be told from a slow one.
 */
@scoped(Lifecycle.ContainerScoped)
export class HostIdentity {
  readonly hostId: string
  readonly runnerId: string

  constructor(@inject(CONFIG) config: Config) {
    this.hostId = readOrCreate(join(config.home, 'host-id'))
    this.runnerId = `${this.hostId}/${process.pid}/${startedAt(process.pid)}/${randomUUID()}`
  }

  /** True when the runner was a process of this host that is gone. Says nothing about runners of other hosts. */
  isDead(runnerId: string): boolean {
    const [host, pid, started] = runnerId.split('/')
    return host === this.hostId && startedAt(Number(pid)) !== started
  }
}

/** Of processes that start at once on a new home one makes the file, whole, and all read it. */
function readOrCreate(file: string): string {
  const fresh = `${file}.${randomUUID()}`
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  writeFileSync(fresh, randomUUID(), { flag: 'wx', mode: 0o600 })
  try {
    linkSync(fresh, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(fresh)
  }
  return readFileSync(file, 'utf8').trim()
}

/** Field 22 of proc(5) stat, in clock ticks since boot: tells a process from a later one with its number. */
function startedAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return 'gone'
  }
}
