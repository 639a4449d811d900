import { mkdirSync, rmSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { type Command, fixedEnvironment } from '../command.js'
import { PackagesFailed } from '../errors.js'
import { type OutputSink, runProcess } from '../operations/process.js'
import { packageEnvironment } from './apt.js'
import type { PackageRunner, PackageWork, WorkOutcome } from './runner.js'
import { TailedFile } from './tailed-file.js'

/** One name: systemd itself sees to it that there are never two. */
const unit = 'nusantara-packages.service'
const pollMs = 250
const never = new AbortController().signal

/**
 * Work in a transient unit of systemd, outside of the broker's own sandbox and beyond its life. What it says goes to a
 * file, because a pipe would break with the broker and the work with it.
 */
export class PackageUnit implements PackageRunner {
  readonly #log: string

  /** @param directory of the broker's own state */
  constructor(
    private readonly broker: string,
    directory: string,
  ) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    this.#log = `${directory}/output.log`
  }

  async settle(output?: OutputSink): Promise<void> {
    let state = await this.#state()
    if (isRunning(state)) {
      const tail = new TailedFile(this.#log, output)
      try {
        while (isRunning(state)) {
          await pause(pollMs)
          state = await this.#state()
        }
      } finally {
        await tail.end()
      }
    }
    await this.#forget(state)
  }

  async run(work: PackageWork, output?: OutputSink): Promise<WorkOutcome> {
    await this.settle()
    rmSync(this.#log, { force: true })
    const tail = new TailedFile(this.#log, output)
    try {
      // Returns when the work has ended, or when systemd refuses to begin.
      const started = await this.#call('/usr/bin/systemd-run', unitArguments(work, this.#log), 60 * 60_000)
      const state = await this.#state()
      const said = await tail.end()
      if (state.LoadState === 'not-found' && started.exitCode !== 0)
        throw PackagesFailed({ output: (started.stderr || started.stdout).slice(-1500) })
      await this.#forget(state)
      const ok = started.exitCode === 0 && state.Result === 'success'
      const why = state.Result === 'timeout' ? '\nE: it took too long and was ended' : ''
      return { ok, output: `${said}${ok ? '' : why}` }
    } finally {
      await tail.end()
    }
  }

  /** Unloads a unit that has ended, so that its name is free. */
  async #forget(state: UnitState): Promise<void> {
    if (state.LoadState === 'not-found') return
    await this.#call('/usr/bin/systemctl', ['stop', '--quiet', '--', unit])
    await this.#call('/usr/bin/systemctl', ['reset-failed', '--quiet', '--', unit])
  }

  async #state(): Promise<UnitState> {
    const names = 'LoadState,ActiveState,Result'
    const { stdout, stderr, exitCode } = await this.#call('/usr/bin/systemctl', [
      'show',
      `--property=${names}`,
      '--',
      unit,
    ])
    if (exitCode !== 0) throw PackagesFailed({ output: stderr.slice(-1500) })
    return Object.fromEntries(stdout.split('\n').flatMap(row => (row.includes('=') ? [row.split('=', 2)] : [])))
  }

  async #call(file: string, argv: readonly string[], timeoutMs = 60_000) {
    const { result } = await runProcess(
      { file, argv },
      {
        name: 'packages',
        broker: this.broker,
        cwd: '/',
        env: fixedEnvironment,
        timeoutMs,
        maxOutput: 65_536,
        signal: never,
      },
    )
    return result
  }
}

type UnitState = Readonly<Record<string, string | undefined>>

function isRunning({ ActiveState }: UnitState): boolean {
  return ActiveState === 'activating' || ActiveState === 'deactivating' || ActiveState === 'reloading'
}

/**
 * Arguments of systemd-run(1). A oneshot is `activating` until it has ended, and stays loaded afterwards, so that a
 * broker that comes later still finds it. Times are bounded: systemd ends what hangs.
 */
export function unitArguments({ description, command, after }: PackageWork, log: string): readonly string[] {
  return [
    '--quiet',
    '--no-ask-password',
    `--unit=${unit}`,
    `--description=${description}`,
    '--service-type=oneshot',
    '--remain-after-exit',
    '--property=TimeoutStartSec=45min',
    '--property=TimeoutStopSec=2min',
    '--property=StandardInput=null',
    `--property=StandardOutput=append:${log}`,
    '--property=StandardError=inherit',
    '--property=UMask=0022',
    '--property=PrivateTmp=yes',
    // Sites answer first.
    '--property=Nice=5',
    ...(after ? [`--property=ExecStartPost=${line(after)}`] : []),
    ...Object.entries(packageEnvironment).map(([name, value]) => `--setenv=${name}=${value}`),
    '--',
    command.file,
    ...command.argv,
  ]
}

/** A command line of systemd.service(5). @throws Error for a word that would need quoting: none of ours does */
function line({ file, argv }: Command): string {
  const odd = [file, ...argv].find(word => !/^[A-Za-z0-9/_.:+=~-]+$/.test(word))
  if (odd !== undefined) throw new Error(`'${odd}' cannot stand in a unit`)
  return [file, ...argv].join(' ')
}
