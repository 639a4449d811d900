import { fixedEnvironment } from '../command.js'
import type { DeadlineGuard } from './guard.js'
import { PendingDeadlines } from './pending.js'

/** Runs a program and waits for its end. @throws Error with what it said */
export type Run = (file: string, argv: readonly string[]) => Promise<void>

const prefix = 'nusantara-deadline'

/**
 * The guard under systemd: a transient timer for each deadline. Timers of this kind do not outlive a reboot; then
 * `recover.js` runs early in boot, because the directory of pending deadlines is not empty.
 */
export class SystemdTimers implements DeadlineGuard {
  /** @param command program and arguments of `recover.js CONFIG` */
  constructor(
    private readonly pending: PendingDeadlines,
    private readonly command: readonly [string, ...string[]],
    private readonly run: Run = execute,
  ) {}

  async keep(changeId: string, deadline: Date): Promise<void> {
    this.pending.write(changeId, deadline)
    try {
      await this.#stop(changeId)
      await this.run('/usr/bin/systemd-run', timerArguments(changeId, deadline, this.command))
    } catch (error) {
      this.pending.remove(changeId)
      throw error
    }
  }

  async release(changeId: string): Promise<void> {
    try {
      this.pending.remove(changeId)
      await this.#stop(changeId)
    } catch (error) {
      process.stderr.write(`deadline of ${changeId}: ${(error as Error).message}\n`)
    }
  }

  async restore(pending: ReadonlyMap<string, Date>): Promise<void> {
    for (const { changeId } of this.pending.all()) if (!pending.has(changeId)) await this.release(changeId)
    for (const [changeId, deadline] of pending) await this.keep(changeId, deadline)
  }

  /** Timers are the host's: they go on while the broker is away, and that is what they are for. */
  stop(): void {}

  /** systemctl(1) matches the names of loaded units, and is content when there is none. */
  #stop(changeId: string): Promise<void> {
    return this.run('/usr/bin/systemctl', ['stop', '--', `${prefix}-${PendingDeadlines.key(changeId)}-*.timer`])
  }
}

/**
 * Arguments of systemd-run(1). The name holds the moment too: a deadline that is set anew while the service of the old
 * one still runs needs another unit.
 */
export function timerArguments(changeId: string, deadline: Date, command: readonly string[]): readonly string[] {
  // Calendar events have whole seconds here (systemd.time(7)): the next one, never one before the deadline.
  const second = new Date(Math.ceil(deadline.getTime() / 1000) * 1000)
  const calendar = `${second.toISOString().slice(0, 19).replace('T', ' ')} UTC`
  return [
    '--quiet',
    '--collect',
    `--unit=${prefix}-${PendingDeadlines.key(changeId)}-${second.getTime() / 1000}`,
    '--description=Take back an unconfirmed configuration change',
    `--on-calendar=${calendar}`,
    '--timer-property=AccuracySec=1s',
    '--property=Type=oneshot',
    '--property=UMask=0027',
    '--',
    ...command,
  ]
}

/** Runs a program with the broker's fixed environment. @throws Error with what it said */
export async function execute(file: string, argv: readonly string[]): Promise<void> {
  // Loaded when first needed: a sandbox never does.
  const { execa } = await import('execa')
  const result = await execa(file, argv, {
    reject: false,
    extendEnv: false,
    env: { ...fixedEnvironment },
    stdin: 'ignore',
    timeout: 30_000,
    maxBuffer: 65_536,
    cwd: '/',
  })
  if (result.failed) throw new Error((result.stderr || result.shortMessage || `${file} failed`).slice(0, 2000))
}
