import 'reflect-metadata'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { type DependencyContainer, type InjectionToken, container as root } from 'tsyringe'
import { Checkpoints } from './audit/checkpoints.js'
import { AuditRetention } from './audit/retention.js'
import { Witnesses } from './audit/witness.js'
import { Passwords } from './auth/passwords.js'
import { Setup } from './auth/setup.js'
import { BrokerClient } from './broker-client/broker-client.js'
import type { Config } from './config/config.js'
import { CONFIG, LOGGER } from './config/token.js'
import { HttpServer } from './http/http-server.js'
import { LiveRelay } from './http/live-relay.js'
import { RouteRegistry } from './http/route-registry.js'
import { Jobs } from './jobs/jobs.js'
import { Schedules } from './jobs/schedules.js'
import { kernelRoutes } from './kernel-routes.js'
import { Failures } from './notifications/failures.js'
import { OnDemand } from './on-demand/on-demand.js'
import { PluginHost } from './plugins/plugin-host.js'
import { Retention } from './retention/retention.js'
import { State } from './state/state.js'

/** On a server the database may boot beside the panel. Below `TimeoutStartSec=` of the panel's unit. */
const databaseStartsMs = 45_000

export interface Started {
  /** 0 without the role `web`: the process listens nowhere. */
  readonly port: number
  /** One-time link for the first administrator; absent once there is one. */
  readonly setupUrl?: string
}

/**
 * The panel process: state, areas, plugins, jobs, HTTP. Several may live in one process; each has a container of its own.
 */
export class Panel {
  /** What `stop` undoes, newest last. */
  readonly #running: { readonly name: string; stop(): Promise<void> | void }[] = []
  #stopped: Promise<void> | undefined
  #onDemand: OnDemand | undefined

  constructor(
    readonly config: Config,
    readonly container: DependencyContainer,
    private readonly state: State,
    private readonly log: Logger,
  ) {
    this.#running.push({ name: 'state', stop: () => state.close() })
  }

  /** Migrates, starts what the roles ask for, and listens. A failure leaves nothing running. */
  async start(): Promise<Started> {
    try {
      return await this.#start()
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** Drains in reverse order of the start: no new requests, jobs resumable, plugins stopped, state closed. */
  stop(): Promise<void> {
    this.#stopped ??= this.#drain()
    return this.#stopped
  }

  /** Calls `leave` once nobody needs the panel, where somebody starts it again. It must call {@link stop} in the same turn. */
  watchIdle(leave: () => void): void {
    this.#onDemand?.watch(leave)
  }

  /** After a stop: something that nobody will start the panel for came while it was leaving. */
  get somethingLeft(): boolean {
    return this.#onDemand?.somethingLeft ?? false
  }

  async #start(): Promise<Started> {
    const { container, config } = this
    await this.state.migrate()
    this.#onDemand = container.resolve(OnDemand)
    await this.#run('on demand', this.#onDemand)
    const routes = container.resolve(RouteRegistry)
    for (const area of kernelRoutes) container.resolve(area).register(routes)

    const broker = container.resolve(BrokerClient)
    this.#running.push({ name: 'broker', stop: () => broker.close() })
    const passwords = container.resolve(Passwords)
    this.#running.push({ name: 'passwords', stop: () => passwords.stop() })
    container.resolve(Witnesses).use({
      head: () => broker.call('audit.head', {}),
      verify: checkpoint => broker.call('audit.verify', checkpoint ? { checkpoint } : {}),
    })
    await this.#run('live relay', container.resolve(LiveRelay))
    await this.#run('audit checkpoints', container.resolve(Checkpoints))
    await this.#run('retention', container.resolve(Retention))
    const plugins = container.resolve(PluginHost)
    this.#running.push({ name: 'plugins', stop: () => plugins.stop() })
    await plugins.start()
    if (config.roles.includes('runner')) {
      await this.#run('failures', container.resolve(Failures))
      await this.#run('audit retention', container.resolve(AuditRetention))
      await this.#run('jobs', container.resolve(Jobs))
      await this.#run('schedules', container.resolve(Schedules))
    }
    if (!config.roles.includes('web')) return { port: 0 }
    const http = container.resolve(HttpServer)
    this.#running.push({ name: 'http', stop: () => http.stop() })
    const { port } = await http.start()
    const setupUrl = await container.resolve(Setup).url(port)
    return setupUrl ? { port, setupUrl } : { port }
  }

  async #run(name: string, part: { start(): Promise<void> | void; stop(): Promise<void> | void }): Promise<void> {
    this.#running.push({ name, stop: () => part.stop() })
    await part.start()
  }

  async #drain(): Promise<void> {
    for (const part of this.#running.splice(0).reverse()) {
      try {
        await part.stop()
      } catch (error) {
        this.log.error({ err: error, part: part.name }, `${part.name} did not stop cleanly`)
      }
    }
  }
}

/** Opens the state and wires one panel. @throws StateUnavailable */
export async function createPanel(config: Config, log?: Logger): Promise<Panel> {
  const state = await State.open(config, config.profile === 'system' ? databaseStartsMs : 0)
  const logger = log ?? (await defaultLogger(config))
  // It takes over the scopes of the classes that are declared by now. One declared later would live in the root, shared by
  // every panel of the process: what it resolves is imported above, none when it is first needed.
  const container = root.createChildContainer()
  // Its constructor is private: it is opened, never injected together.
  container.registerInstance(State as unknown as InjectionToken<State>, state)
  container.registerInstance<Config>(CONFIG, config)
  container.registerInstance<Logger>(LOGGER, logger)
  return new Panel(config, container, state, logger)
}

async function defaultLogger(config: Config): Promise<Logger> {
  const { pino } = await import('pino')
  // On a server the journal takes standard error, and bounds itself.
  const dest = config.profile === 'system' ? process.stderr.fd : join(config.home, 'panel.log')
  return pino({ level: config.logLevel }, pino.destination({ dest, sync: false }))
}
