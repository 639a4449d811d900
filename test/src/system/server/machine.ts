import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { archiveMount } from './archive.js'
import { type CommandOptions, command, type Finished } from './command.js'
import { ControlGroup } from './control-group.js'
import type { Network } from './network.js'
import { until } from './until.js'

export interface MachineOptions {
  /** Unique on this machine. */
  readonly name: string
  /** The server's whole file system. */
  readonly root: string
  readonly archive: string
  readonly network: Network
  /** What the server says on its console is added here. */
  readonly console: string
}

/** What a shell of root's has there. */
const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
  DEBIAN_FRONTEND: 'noninteractive',
}

/** A Debian that runs with systemd as its first process, by systemd-nspawn. */
export class Machine {
  readonly #group: ControlGroup
  #nspawn: ChildProcess | undefined
  #pid = 0

  constructor(private readonly options: MachineOptions) {
    this.#group = new ControlGroup(options.name)
  }

  /** Of its first process, as this machine sees it. */
  get pid(): number {
    if (!this.#pid) throw new Error(`${this.options.name} does not run`)
    return this.#pid
  }

  get running(): boolean {
    return this.#pid !== 0
  }

  /** Answers when every unit of the boot has started, or failed. */
  async start(): Promise<void> {
    const { name, root, archive, network, console } = this.options
    await this.#group.make()
    const log = openSync(console, 'a')
    const argv = [
      'systemd-nspawn',
      `--directory=${root}`,
      `--machine=${name}`,
      `--hostname=server`,
      `--network-namespace-path=${network.path}`,
      `--bind-ro=${archive}:${archiveMount}`,
      '--boot',
      '--register=no',
      '--keep-unit',
      '--resolv-conf=off',
      '--console=read-only',
    ]
    // In a group of its own before it begins: two in one group take each other's processes for theirs.
    const enter = 'echo $$ > "$0/cgroup.procs" && exec "$@"'
    const nspawn = spawn('sh', ['-c', enter, this.#group.path, ...argv], {
      stdio: ['ignore', log, log],
      env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
    })
    this.#nspawn = nspawn
    const alive = () => {
      if (nspawn.exitCode !== null) throw new Error(`systemd-nspawn ended with ${nspawn.exitCode}`)
    }
    this.#pid = await until(`the first process of ${name}`, () => firstProcess(nspawn.pid as number), 60)
    await until(
      `the end of the boot of ${name}`,
      async () => {
        alive()
        const { stdout } = await this.run(['systemctl', 'is-system-running', '--wait'])
        return ['running', 'degraded'].includes(stdout.trim())
      },
      120,
    )
  }

  /** Runs a program in it as root. */
  run(argv: readonly string[], options: CommandOptions = {}): Promise<Finished> {
    const enter = ['nsenter', '--target', String(this.pid), '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup']
    return command([...enter, '--', ...argv], { ...options, env: { ...environment, ...options.env } })
  }

  /** The power fails: every process dies at one moment, and nothing is told. */
  async crash(): Promise<void> {
    await this.#group.end()
    await this.#ended()
  }

  /** Shuts down as an administrator would. */
  async stop(): Promise<void> {
    await this.run(['systemctl', 'poweroff'])
    await this.#ended()
    await this.#group.end()
  }

  async reboot(): Promise<void> {
    await this.run(['systemctl', 'reboot'])
    await this.#ended()
    await this.#group.end()
    await this.start()
  }

  async #ended(): Promise<void> {
    const nspawn = this.#nspawn
    if (nspawn && nspawn.exitCode === null && nspawn.signalCode === null)
      await once(nspawn, 'exit', { signal: AbortSignal.timeout(120_000) })
    this.#nspawn = undefined
    this.#pid = 0
    await rm(`/run/systemd/nspawn/propagate/${this.options.name}`, { recursive: true, force: true })
  }
}

/** The child that has become systemd; before that it is still a part of systemd-nspawn. */
function firstProcess(nspawn: number): number | undefined {
  const children = readFileSync(`/proc/${nspawn}/task/${nspawn}/children`, 'utf8').trim().split(' ')
  return children.map(Number).find(pid => pid && readFileSync(`/proc/${pid}/comm`, 'utf8') === 'systemd\n')
}
