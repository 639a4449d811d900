import { join } from 'node:path'
import type { DependencyContainer } from 'tsyringe'
import type { Config } from '../config/config.js'
import { nodeFlags } from '../host/node-flags.js'
import { createPanel, type Panel, type Started } from '../panel.js'
import { type ReadyProcess, startReady } from './ready-process.js'

/** The panel of a test, in this process or in one of its own. */
export interface PanelHost {
  readonly pid: number | undefined
  readonly container: DependencyContainer
  start(): Promise<Started>
  stop(): Promise<void>
  kill(): Promise<void>
}

export class InProcess implements PanelHost {
  readonly pid = undefined
  #panel: Panel | undefined

  constructor(private readonly config: Config) {}

  get container(): DependencyContainer {
    if (!this.#panel) throw new Error('The panel is not running.')
    return this.#panel.container
  }

  async start(): Promise<Started> {
    this.#panel = await createPanel(this.config)
    return this.#panel.start()
  }

  async stop(): Promise<void> {
    await this.#panel?.stop()
    this.#panel = undefined
  }

  async kill(): Promise<void> {
    throw new Error('Only a panel with {processes: true} can be killed.')
  }
}

export class OwnProcess implements PanelHost {
  #process: ReadyProcess<Started> | undefined

  /** @param env `NUSA_ROOT` is where its program stands */
  constructor(private readonly env: NodeJS.ProcessEnv & { readonly NUSA_ROOT: string }) {}

  get pid(): number | undefined {
    return this.#process?.pid
  }

  get container(): DependencyContainer {
    throw new Error('The parts of a panel with {processes: true} are in another process.')
  }

  async start(): Promise<Started> {
    const program = join(this.env.NUSA_ROOT, 'kernel/dist/main.js')
    this.#process = await startReady<Started>(program, [], nodeFlags.panel, this.env)
    return this.#process.ready
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    await this.#process?.end(signal)
    this.#process = undefined
  }
}
