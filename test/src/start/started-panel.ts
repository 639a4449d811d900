import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePorts } from '@nusantara/kernel/testing'

const root = fileURLToPath(new URL('../../../', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stderr: string
}

type CommandLine = readonly [string, ...string[]]

export interface PanelOptions {
  /** What is run in the checkout instead of `npm start`'s own script. */
  readonly command?: CommandLine
  readonly checkout?: string
}

export interface Answered extends Ended {
  readonly stdout: string
}

const program = join(root, 'kernel/dist/cli/main.js')

/** One `npm start` in a home and on ports of its own, as a person would run it in a terminal. */
export class StartedPanel {
  readonly env: NodeJS.ProcessEnv
  #child: ChildProcess | undefined
  #stdout = ''
  #stderr = ''

  private constructor(
    readonly home: string,
    readonly ports: { readonly panel: number; readonly http: number; readonly https: number },
    private readonly checkout: string,
    private readonly command: CommandLine,
  ) {
    const { PATH, NODE_COMPILE_CACHE } = process.env
    this.env = {
      PATH,
      NODE_COMPILE_CACHE,
      NUSA_HOME: home,
      NUSA_PORT: String(ports.panel),
      NUSA_SITES_HTTP_PORT: String(ports.http),
      NUSA_SITES_HTTPS_PORT: String(ports.https),
    }
  }

  static async prepare({ checkout = root, command }: PanelOptions = {}): Promise<StartedPanel> {
    const [panel, http, https] = (await freePorts(3)) as [number, number, number]
    const home = await mkdtemp(join(tmpdir(), 'nusa-start-'))
    const plain: CommandLine = [process.execPath, join(checkout, 'scripts/start.mjs')]
    return new StartedPanel(home, { panel, http, https }, checkout, command ?? plain)
  }

  get url(): string {
    return `https://localhost:${this.ports.panel}`
  }

  get stderr(): string {
    return this.#stderr
  }

  /** Waits for the printed link. Rejects with what it said when it ends before. */
  async start(env: NodeJS.ProcessEnv = {}): Promise<string> {
    this.#spawn(env)
    return this.ready(1)
  }

  /** Waits for the nth link that this run prints. */
  ready(nth: number): Promise<string> {
    const child = this.#child as ChildProcess
    return new Promise((resolve, reject) => {
      const look = () => {
        const link = [...this.#stdout.matchAll(/is ready: (\S+)\r?\n/g)][nth - 1]?.[1]
        if (link) resolve(link)
      }
      look()
      child.stdout?.on('data', look)
      child.once('close', code => reject(new Error(`ended with ${code}: ${this.#stderr}`)))
    })
  }

  /** Types into the terminal that the command was given. */
  type(keys: string): void {
    this.#child?.stdin?.write(keys)
  }

  /** The exit code, when it ends by itself. */
  async ended(): Promise<number | null> {
    const child = this.#child as ChildProcess
    if (child.exitCode === null && child.signalCode === null) await new Promise(resolve => child.once('close', resolve))
    return child.exitCode
  }

  /** Runs a start that is expected to refuse. */
  async startRefused(env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    this.#spawn(env)
    const child = this.#child as ChildProcess
    const code = await new Promise<number | null>(resolve => child.once('close', resolve))
    return { code, stderr: this.#stderr }
  }

  /** @returns the exit code */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child
    if (!child) return null
    this.#child = undefined
    if (child.exitCode !== null) return child.exitCode
    const gone = new Promise<number | null>(resolve => child.once('close', resolve))
    child.kill(signal)
    return gone
  }

  async remove(): Promise<void> {
    await this.stop()
    await rm(this.home, { recursive: true, force: true })
  }

  /** Runs the command line against this panel. */
  nusa(...words: string[]): Promise<Answered> {
    return this.nusaIn('C.UTF-8', ...words)
  }

  /** The same, as the user that the panel runs as. */
  async nusaAsOwner(...words: string[]): Promise<Answered> {
    const { uid, gid } = await stat(this.home)
    return this.#run(process.execPath, [program, ...words], { LANG: 'C.UTF-8', COLUMNS: '80' }, { uid, gid })
  }

  /** The same, for a person of another language. */
  nusaIn(language: string, ...words: string[]): Promise<Answered> {
    return this.#run(process.execPath, [program, ...words], { LANG: language, COLUMNS: '80' })
  }

  /** Runs the command line with another program reading it; the exit code is the command line's. */
  piped(words: readonly string[], reader: readonly string[]): Promise<Answered> {
    return this.shell(`nusa ${words.join(' ')} | ${reader.join(' ')}; exit "\${PIPESTATUS[0]}"`)
  }

  /** Runs a line of bash in which `nusa` is the command line of this panel. */
  shell(line: string): Promise<Answered> {
    const nusa = `nusa() { '${process.execPath}' '${program}' "$@"; }`
    return this.#run('bash', ['--norc', '-c', `${nusa}; ${line}`], { LANG: 'C.UTF-8' })
  }

  #run(
    file: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    user: { readonly uid?: number; readonly gid?: number } = {},
  ): Promise<Answered> {
    const child = spawn(file, args, { env: { ...this.env, ...env }, ...user })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', chunk => {
      stdout += chunk
    })
    child.stderr.on('data', chunk => {
      stderr += chunk
    })
    return new Promise(resolve => child.once('close', code => resolve({ code, stdout, stderr })))
  }

  #spawn(env: NodeJS.ProcessEnv): void {
    this.#stdout = ''
    this.#stderr = ''
    const [program, ...words] = this.command
    const child = spawn(program, words, {
      cwd: this.checkout,
      env: { ...this.env, ...env },
    })
    child.stdout.on('data', chunk => {
      this.#stdout += chunk
    })
    child.stderr.on('data', chunk => {
      this.#stderr += chunk
    })
    this.#child = child
  }
}
