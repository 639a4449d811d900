import { hostname } from 'node:os'
import type { PluginBroker, PluginContext, PluginManifest, SettingsDefinition } from '@nusantara/sdk'
import { kernelHooks } from '@nusantara/sdk'
import type { Logger } from 'pino'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { AuditLog } from '../audit/audit-log.js'
import { absentBroker } from '../broker-client/absent-broker.js'
import type { Config } from '../config/config.js'
import { CONFIG, LOGGER } from '../config/token.js'
import type { Subscription } from '../events/subscription.js'
import { Hooks } from '../hooks/hooks.js'
import { Live } from '../http/live.js'
import { readTls } from '../http/tls.js'
import { Jobs } from '../jobs/jobs.js'
import { Schedules } from '../jobs/schedules.js'
import { Notifications } from '../notifications/notifications.js'
import { Resources } from '../rbac/resources.js'
import { PluginSecrets } from '../secrets/plugin-secrets.js'
import { Settings } from '../settings/settings.js'
import { State } from '../state/state.js'
import { CapabilityMissing } from './errors.js'
import type { Lifetime } from './lifetime.js'
import type { Manifest } from './manifest.js'
import { pluginTimers } from './plugin-timers.js'
import { TokenContexts } from './token-contexts.js'

type Capability = PluginManifest['capabilities'][number]

export interface ContextOptions {
  readonly manifest: Manifest
  readonly lifetime: Lifetime
  /** Absent when the plugin has no privileges. */
  readonly broker: PluginBroker | undefined
  readonly subscription: Subscription
}

/** Makes the one object through which a plugin reaches the panel. */
@scoped(Lifecycle.ContainerScoped)
export class ContextFactory {
  constructor(
    private readonly tokens: TokenContexts,
    private readonly hooks: Hooks,
    private readonly live: Live,
    private readonly jobs: Jobs,
    private readonly schedules: Schedules,
    private readonly state: State,
    private readonly settings: Settings,
    private readonly secrets: PluginSecrets,
    private readonly notifications: Notifications,
    private readonly resources: Resources,
    private readonly audit: AuditLog,
    @inject(CONFIG) private readonly config: Config,
    @inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Frozen, for one start. Everything taken through it is given back by the lifetime. */
  create(options: ContextOptions): PluginContext {
    const { manifest, lifetime } = options
    const { id } = manifest
    const { config } = this
    const log = this.logger.child({ plugin: id })
    const gated = <T extends object>(name: string, capability: Capability, object: T): T =>
      lifetime.bound(name, manifest.capabilities.includes(capability) ? object : refused(id, name, capability, object))
    const tokens = this.tokens.create(options)
    const context: PluginContext = {
      id,
      host: Object.freeze({
        profile: config.profile,
        ports: Object.freeze({ panel: config.port, http: config.sites.httpPort, https: config.sites.httpsPort }),
        panelHosts: Object.freeze([...new Set([...config.hosts, hostname(), 'localhost'])]),
        certificate: async () => {
          const { cert, key } = await readTls(config.home)
          return { certificate: cert.toString('utf8'), key: key.toString('utf8') }
        },
      }),
      http: gated('http', 'http', this.#http(lifetime)),
      jobs: gated('jobs', 'jobs', this.#jobs(lifetime)),
      schedules: gated('schedules', 'jobs', {
        add: schedule => lifetime.ownIntake(this.schedules.add(id, schedule)),
      }),
      timers: lifetime.bound('timers', pluginTimers(lifetime, log)),
      hooks: tokens.hooks,
      services: tokens.services,
      events: gated('events', 'events', tokens.events),
      extensions: tokens.extensions,
      ui: gated('ui', 'ui', this.#ui(lifetime)),
      db: this.#db(manifest, lifetime),
      broker: gated('broker', 'broker', options.broker ?? absentBroker(id)),
      settings: definition => this.#settings(lifetime, definition),
      secrets: gated('secrets', 'secrets', {
        put: (name, value) => this.secrets.put(id, name, value),
        get: name => this.secrets.get(id, name),
        remove: name => this.secrets.remove(id, name),
      }),
      resources: lifetime.bound('resources', {
        create: (trx, resource) => this.resources.create(trx, resource),
        remove: (trx, resource) => this.resources.remove(trx, resource),
        find: (actor, type, resource) => this.resources.find(actor, type, resource),
        scope: (query, actor, column) => this.resources.scope(query, actor, column),
        defaultAccount: actor => this.resources.defaultAccount(actor),
      }),
      notify: notification => {
        lifetime.check('notify')
        return this.notifications.notify(id, notification)
      },
      audit: lifetime.bound('audit', { record: (trx, entry) => this.audit.append(trx, entry) }),
      log: lifetime.bound('log', {
        debug: (fields, message) => log.debug(fields, message),
        info: (fields, message) => log.info(fields, message),
        warn: (fields, message) => log.warn(fields, message),
        error: (fields, message) => log.error(fields, message),
      }),
      signal: lifetime.signal,
      onStop: dispose => {
        lifetime.check('onStop')
        lifetime.own(dispose)
      },
    }
    return Object.freeze(context)
  }

  #http(lifetime: Lifetime): PluginContext['http'] {
    const tap = (contribution: { route: never } | { stream: never }) =>
      lifetime.ownIntake(this.hooks.tap(kernelHooks.http.routes, lifetime.plugin, () => contribution))
    return {
      route: definition => tap({ route: definition as never }),
      stream: definition => tap({ stream: definition as never }),
      publish: (topic, data) => this.live.publish(topic, data),
    }
  }

  #jobs(lifetime: Lifetime): PluginContext['jobs'] {
    const { plugin } = lifetime
    return {
      define: (definition, deps) => {
        const contribution = { definition: definition as never, deps }
        lifetime.ownIntake(this.hooks.tap(kernelHooks.jobs.types, plugin, () => contribution))
      },
      submit: (definition, input, options) => this.jobs.submit(plugin, definition, input, options),
      state: (trx, id) => this.jobs.state(plugin, trx, id),
    }
  }

  #ui(lifetime: Lifetime): PluginContext['ui'] {
    const { plugin } = lifetime
    return {
      page: page => lifetime.own(this.hooks.tap(kernelHooks.ui.panels, plugin, () => ({ page }))),
      fill: (slot, contribution) =>
        lifetime.own(this.hooks.tap(kernelHooks.ui.panels, plugin, () => ({ slot: slot.name, contribution }))),
    }
  }

  #db({ id, capabilities }: Manifest, lifetime: Lifetime): PluginContext['db'] {
    const { state } = this
    const open = (use: string) => {
      lifetime.check(use)
      if (!capabilities.includes('db')) throw CapabilityMissing({ plugin: id, capability: 'db', use })
      return state
    }
    return Object.freeze({
      get knex() {
        return open('db.knex').knex
      },
      get dialect() {
        return open('db.dialect').dialect
      },
      transaction: (run: Parameters<State['transaction']>[0]) => open('db.transaction').transaction(run),
    }) as PluginContext['db']
  }

  #settings<T>(lifetime: Lifetime, definition: SettingsDefinition<T>): ReturnType<typeof handle<T>> {
    lifetime.check('settings')
    const { settings, dispose } = this.settings.register(lifetime.plugin, definition as SettingsDefinition<unknown>)
    lifetime.own(dispose)
    return lifetime.bound('settings', handle<T>(settings, lifetime))
  }
}

function handle<T>(settings: ReturnType<Settings['register']>['settings'], lifetime: Lifetime) {
  return {
    get: (account?: string): Promise<T> => settings.get(account) as Promise<T>,
    onChange: (listener: (values: T) => void): void =>
      lifetime.own(settings.onChange(listener as (values: unknown) => void)),
  }
}

/** The same functions, each of which names what the manifest lacks. */
function refused<T extends object>(plugin: string, name: string, capability: Capability, object: T): T {
  const refusals = Object.keys(object).map(key => [
    key,
    () => {
      throw CapabilityMissing({ plugin, capability, use: `${name}.${key}` })
    },
  ])
  return Object.fromEntries(refusals) as T
}
