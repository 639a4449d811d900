import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { ServiceStatus } from '@nusantara/sdk'
import { asUser, fixedEnvironment } from '../command.js'
import { ServiceFailed } from '../errors.js'
import type { Host } from '../host.js'
import { allProcesses, identify, isAlive, type ProcessIdentity, processTree, signal } from '../process-identity.js'
import { type ListedService, type ResolvedService, sandboxCommand } from '../services.js'
import type { ServiceRecord, ServiceRecords } from './records.js'

export interface Limits {
  /** Starts allowed within {@link windowMs} before a crashing service is left alone. */
  readonly starts: number
  readonly windowMs: number
  /** Wait before the first restart; doubles with each. */
  readonly backoffMs: number
  /** How long a service may take to end on SIGTERM. */
  readonly stopMs: number
  /** How long a process must live to count as started. */
  readonly settleMs: number
}

export const defaultLimits: Limits = { starts: 5, windowMs: 60_000, backoffMs: 200, stopMs: 10_000, settleMs: 40 }

/** One foreground process that outlives the broker: started detached, found again by its identity. */
export class Supervised {
  #process: ProcessIdentity | undefined
  #child: ChildProcess | undefined
  #since: string | undefined
  #desired: 'running' | 'stopped' = 'stopped'
  #starts: number[] = []
  #restart: NodeJS.Timeout | undefined
  #detail: string | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(
    readonly service: ResolvedService,
    private readonly host: Host,
    private readonly records: ServiceRecords,
    private readonly limits: Limits,
  ) {}

  /** Verbs on one service happen one after the other. */
  exclusively<T>(run: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(run, run)
    this.#turn = next.catch(() => {})
    return next
  }

  status(): ServiceStatus {
    const active = this.#process !== undefined && isAlive(this.#process)
    return {
      active,
      ...(active && this.#process && { pid: this.#process.pid }),
      ...(active && this.#since !== undefined && { since: this.#since }),
      ...(!active && this.#detail !== undefined && { detail: this.#detail }),
    }
  }

  listed(): ListedService {
    const { plugin, service, tenant } = this.service.ref
    return {
      plugin,
      service,
      ...(tenant !== undefined && { tenant }),
      ...this.status(),
      wanted: this.#desired === 'running',
    }
  }

  pids(): readonly number[] {
    return this.#process && isAlive(this.#process) ? processTree(this.#process.pid) : []
  }

  /** Takes over a process that a former broker started. */
  adopt(record: ServiceRecord): void {
    this.#desired = record.desired
    if (!record.process || !isAlive(record.process)) return
    this.#process = record.process
    this.#since = record.since
  }

  get desired(): 'running' | 'stopped' {
    return this.#desired
  }

  async start(): Promise<ServiceStatus> {
    this.#desired = 'running'
    this.#starts = []
    clearTimeout(this.#restart)
    try {
      if (!this.status().active) await this.#launch()
    } catch (error) {
      this.#desired = 'stopped'
      this.#record()
      throw error
    }
    return this.status()
  }

  /** Starts what should run and does not. A start that fails counts like a crash: it is tried again, and next time too. */
  async revive(): Promise<void> {
    if (this.#desired !== 'running' || this.status().active) return
    await this.#launch().catch(error => this.#ended(this.#detail ?? (error as Error).message))
  }

  /** @param desired what shall be remembered: `running` when only this session ends */
  async stop(desired: 'running' | 'stopped' = 'stopped'): Promise<ServiceStatus> {
    this.#desired = desired
    clearTimeout(this.#restart)
    const process = this.#process
    this.#process = undefined
    this.#child = undefined
    this.#detail = undefined
    this.#record()
    if (process) await this.#end(process)
    return this.status()
  }

  /** @throws service_failed when it does not run */
  signal(name: 'HUP' | 'USR1' | 'USR2'): ServiceStatus {
    if (!this.#process || !isAlive(this.#process))
      throw ServiceFailed({ service: this.service.unit, output: 'is not running' })
    signal(this.#process.pid, `SIG${name}`)
    return this.status()
  }

  /** Notices the end of an adopted process, of which the kernel tells only its parent. */
  watch(): void {
    if (this.#process && !this.#child && !isAlive(this.#process)) this.#ended('ended')
  }

  /** The broker ends; the service does not. */
  release(): void {
    clearTimeout(this.#restart)
    this.#child?.unref()
    this.#child = undefined
    this.#desired = 'stopped'
  }

  async #launch(): Promise<void> {
    const command = sandboxCommand(this.host, this.service)
    if (!command) throw ServiceFailed({ service: this.service.unit, output: 'has no sandbox command' })
    const { tenant } = this.service.ref
    const isolated = this.host.isolation && tenant !== undefined
    const owner = isolated ? this.host.userOf('tenant', tenant) : this.host.own
    makeDirectories(this.service.directories)
    const { file, argv } = isolated ? asUser(command, owner) : command
    const log = this.#openLog()
    this.#starts.push(performance.now())
    let child: ChildProcess
    try {
      child = spawn(file, argv, { detached: true, cwd: '/', env: { ...fixedEnvironment }, stdio: ['ignore', log, log] })
    } finally {
      closeSync(log)
    }
    const failed = new Promise<string>(resolve => {
      child.once('error', error => resolve(error.message))
      child.once('exit', (code, name) => resolve(name ? `was ended by ${name}` : `exited with code ${code}`))
    })
    child.unref()
    // setpriv becomes the service by exec: the executable is known once the process has settled.
    const early = await Promise.race([failed, delay(this.limits.settleMs)])
    const process = early === undefined && child.pid !== undefined ? identify(child.pid) : undefined
    if (!process) {
      // Where there is no process, how it ended is known in a moment.
      const reason = early ?? (await Promise.race([failed, delay(1000)])) ?? 'ended at once'
      this.#detail = `${reason}; see ${this.#logFile()}`
      throw ServiceFailed({ service: this.service.unit, output: this.#detail })
    }
    this.#child = child
    this.#process = process
    this.#since = new Date().toISOString()
    this.#detail = undefined
    this.#record()
    failed.then(reason => {
      if (this.#child === child) this.#ended(reason)
    })
  }

  #ended(reason: string): void {
    const group = this.#process?.pid
    this.#child = undefined
    this.#process = undefined
    this.#detail = reason
    if (group !== undefined) signal(-group, 'SIGKILL')
    if (this.#desired !== 'running') return
    const now = performance.now()
    this.#starts = this.#starts.filter(start => now - start < this.limits.windowMs)
    if (this.#starts.length >= this.limits.starts) {
      this.#detail = `${reason}; ended ${this.#starts.length} times within ${this.limits.windowMs / 1000} s, start it by hand; see ${this.#logFile()}`
      this.#record()
      return
    }
    this.#restart = setTimeout(
      () => void this.exclusively(() => this.revive()).catch(() => {}),
      this.limits.backoffMs * 2 ** Math.max(0, this.#starts.length - 1),
    )
    this.#restart.unref()
  }

  async #end(process: ProcessIdentity): Promise<void> {
    const gone = async (ms: number) => {
      const until = performance.now() + ms
      for (let wait = 1; performance.now() < until; wait = Math.min(wait * 2, 25)) {
        if (!isAlive(process)) return true
        await delay(wait)
      }
      return !isAlive(process)
    }
    const family = processTree(process.pid)
    if (isAlive(process)) signal(process.pid, 'SIGTERM')
    if (!(await gone(this.limits.stopMs))) signal(process.pid, 'SIGKILL')
    await gone(1000)
    // Workers that the main process left behind: of its own session, so not a stranger with a recycled pid.
    for (const stat of allProcesses())
      if (stat.session === process.pid && (stat.group === process.pid || family.includes(stat.pid)))
        signal(stat.pid, 'SIGKILL')
  }

  #record(): void {
    this.records.write({
      ref: this.service.ref,
      unit: this.service.unit,
      desired: this.#desired,
      ...(this.#process && { process: this.#process }),
      ...(this.#since !== undefined && { since: this.#since }),
    })
  }

  #logFile(): string {
    return `${this.host.roots.log}/services/${this.service.unit}.log`
  }

  #openLog(): number {
    mkdirSync(`${this.host.roots.log}/services`, { recursive: true, mode: 0o750 })
    return openSync(this.#logFile(), 'a', 0o640)
  }
}

/** Directories that a manifest wants before its service starts, mode 0750, the broker's own. */
export function makeDirectories(directories: readonly string[]): void {
  for (const directory of directories) mkdirSync(directory, { recursive: true, mode: 0o750 })
}
