import 'reflect-metadata'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { type DependencyContainer, type InjectionToken, container as root } from 'tsyringe'
import type { Config } from './config/config.js'
import { CONFIG, LOGGER } from './config/token.js'
import { kernelRoutes } from './kernel-routes.js'
import type { OnDemand } from './on-demand/on-demand.js'
import { State } from './state/state.js'

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
    const areas = await loadAreas()
    this.#onDemand = container.resolve(areas.OnDemand)
    await this.#run('on demand', this.#onDemand)
    const routes = container.resolve(areas.RouteRegistry)
    for (const area of await kernelRoutes()) container.resolve(area).register(routes)

    const broker = container.resolve(areas.BrokerClient)
    this.#running.push({ name: 'broker', stop: () => broker.close() })
    const passwords = container.resolve(areas.Passwords)
    this.#running.push({ name: 'passwords', stop: () => passwords.stop() })
    container.resolve(areas.Witnesses).use({
      head: () => broker.call('audit.head', {}),
      verify: checkpoint => broker.call('audit.verify', checkpoint ? { checkpoint } : {}),
    })
    await this.#run('live relay', container.resolve(areas.LiveRelay))
    await this.#run('audit checkpoints', container.resolve(areas.Checkpoints))
    await this.#run('retention', container.resolve(areas.Retention))
    const plugins = container.resolve(areas.PluginHost)
    this.#running.push({ name: 'plugins', stop: () => plugins.stop() })
    await plugins.start()
    if (config.roles.includes('runner')) {
      await this.#run('audit retention', container.resolve(areas.AuditRetention))
      await this.#run('jobs', container.resolve(areas.Jobs))
      await this.#run('schedules', container.resolve(areas.Schedules))
    }
    if (!config.roles.includes('web')) return { port: 0 }
    const http = container.resolve(areas.HttpServer)
    this.#running.push({ name: 'http', stop: () => http.stop() })
    const { port } = await http.start()
    const setupUrl = await container.resolve(areas.Setup).url(port)
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
  const state = await State.open(config)
  const logger = log ?? (await defaultLogger(config))
  // A child container takes over the scopes of the classes that are declared when it is made. One declared later would
  // live in the root, shared by every panel of the process.
  await Promise.all([loadAreas(), kernelRoutes()])
  const container = root.createChildContainer()
  // Its constructor is private: it is opened, never injected together.
  container.registerInstance(State as unknown as InjectionToken<State>, state)
  container.registerInstance<Config>(CONFIG, config)
  container.registerInstance<Logger>(LOGGER, logger)
  return new Panel(config, container, state, logger)
}

async function defaultLogger(config: Config): Promise<Logger> {
  const { pino } = await import('pino')
  return pino({ level: config.logLevel }, pino.destination({ dest: join(config.home, 'panel.log'), sync: false }))
}

/** The areas a start needs, loaded side by side. */
async function loadAreas() {
  const [
    { HttpServer },
    { RouteRegistry },
    { LiveRelay },
    { BrokerClient },
    { Retention },
    { PluginHost },
    { Jobs },
    { Schedules },
    { Setup },
    { Passwords },
    { Checkpoints },
    { AuditRetention },
    { Witnesses },
    { OnDemand },
  ] = await Promise.all([
    import('./http/http-server.js'),
    import('./http/route-registry.js'),
    import('./http/live-relay.js'),
    import('./broker-client/broker-client.js'),
    import('./retention/retention.js'),
    import('./plugins/plugin-host.js'),
    import('./jobs/jobs.js'),
    import('./jobs/schedules.js'),
    import('./auth/setup.js'),
    import('./auth/passwords.js'),
    import('./audit/checkpoints.js'),
    import('./audit/retention.js'),
    import('./audit/witness.js'),
    import('./on-demand/on-demand.js'),
  ])
  return {
    HttpServer,
    RouteRegistry,
    LiveRelay,
    BrokerClient,
    Retention,
    PluginHost,
    Jobs,
    Schedules,
    Setup,
    Passwords,
    Checkpoints,
    AuditRetention,
    Witnesses,
    OnDemand,
  }
}
