import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestBroker } from '@nusantara/sdk/testing'
import type { BrokerConfig } from '../broker/config.js'
import { BrokerClient } from '../broker-client/broker-client.js'
import { nodeFlags } from '../host/node-flags.js'
import { type ReadyProcess, startReady } from './ready-process.js'

interface Ready {
  readonly socket: string
  readonly adminSocket: string
}

/** The real broker of a test panel. */
export class BrokerProcess implements TestBroker {
  #process: ReadyProcess<Ready> | undefined

  private constructor(
    private readonly program: string,
    private readonly configFile: string,
  ) {}

  static async start(
    home: string,
    options: {
      readonly ports: { readonly http: number; readonly https: number }
      readonly pluginDirs: readonly string[]
      /** Checkout or package whose broker runs. */
      readonly root: string
    },
  ): Promise<BrokerProcess> {
    const config: BrokerConfig = {
      profile: 'sandbox',
      roots: {
        etc: join(home, 'etc'),
        run: join(home, 'run'),
        log: join(home, 'log'),
        state: join(home, 'broker'),
        www: join(home, 'www'),
      },
      socketDir: join(home, 'run'),
      ports: options.ports,
      listenAddresses: ['127.0.0.1', '::1'],
      pluginDirs: options.pluginDirs,
      users: 'single',
      journalDir: join(home, 'broker', 'journal'),
      versionsFile: join(options.root, 'kernel/src/broker/versions.json'),
    }
    const file = join(home, 'broker.json')
    await writeFile(file, JSON.stringify(config), { mode: 0o600 })
    const broker = new BrokerProcess(join(options.root, 'kernel/dist/broker/main.js'), file)
    await broker.restart()
    return broker
  }

  get pid(): number {
    return this.#running.pid
  }

  get socket(): string {
    return this.#running.ready.socket
  }

  get adminSocket(): string {
    return this.#running.ready.adminSocket
  }

  /** Does what root does on the command line: agrees to the privileges as they are. */
  async approveAll(): Promise<void> {
    const root = new BrokerClient({ brokerSocket: this.adminSocket })
    try {
      const { policies } = await root.call('policy.describe', {})
      for (const { plugin, digest, state } of policies) {
        if (state === 'unapproved') await root.call('policy.approve', { plugin, digest })
      }
    } finally {
      await root.close()
    }
  }

  async kill(): Promise<void> {
    await this.#process?.end('SIGKILL')
    this.#process = undefined
  }

  async restart(): Promise<void> {
    await this.#process?.end('SIGTERM')
    const { PATH, NODE_COMPILE_CACHE } = process.env
    const env = { PATH, NODE_COMPILE_CACHE }
    this.#process = await startReady<Ready>(this.program, [this.configFile], nodeFlags.broker, env)
  }

  /** Ends the services that it ran, too. */
  async stop(): Promise<void> {
    if (!this.#process) await this.restart()
    await this.#process?.end('SIGINT')
    this.#process = undefined
  }

  get #running(): ReadyProcess<Ready> {
    if (!this.#process) throw new Error('The broker was killed; call restart() first.')
    return this.#process
  }
}
