import { Joi, type Logger, object, type RouteDefinition, type Schema, type SettingsDefinition } from '@nusantara/sdk'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { Sealer } from '../auth/sealed.js'
import { LOGGER } from '../config/token.js'
import { RouteRegistry } from '../http/route-registry.js'
import { Peers } from '../peers/peers.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { AccountUnknown } from './errors.js'
import { PluginSettings, type SettingsView, type Values } from './plugin-settings.js'
import { settingFieldSchema } from './setting-fields.js'

/** The settings of the plugins that run, with their routes. */
@scoped(Lifecycle.ContainerScoped)
export class Settings {
  readonly #plugins = new Map<string, PluginSettings>()
  /** What overrides stored values; a test may replace it. */
  env: NodeJS.ProcessEnv = process.env

  constructor(
    private readonly state: State,
    private readonly sealer: Sealer,
    private readonly clock: Clock,
    private readonly routes: RouteRegistry,
    private readonly peers: Peers,
    @inject(LOGGER) private readonly logger: Logger,
  ) {
    // Changed in another process, or perhaps changed: whoever listens here gets the values of now.
    peers.on<string>('settings', plugin => this.#reread(plugin))
    peers.onGap(() => {
      for (const plugin of this.#plugins.keys()) this.#reread(plugin)
    })
  }

  /** Adds `GET` and `PATCH /settings/<plugin>` (below it `/accounts/:account` for settings of accounts). */
  register(
    plugin: string,
    definition: SettingsDefinition<unknown>,
  ): { readonly settings: PluginSettings; readonly dispose: () => void } {
    const { state, sealer, clock, env } = this
    const settings = new PluginSettings(plugin, definition, { state, sealer, clock, env })
    const tell = () => this.peers.tell('settings', plugin)
    const routes = settingsRoutes(settings, tell).map(route => this.routes.add('kernel', route))
    this.#plugins.set(plugin, settings)
    const dispose = () => {
      for (const remove of routes) remove()
      if (this.#plugins.get(plugin) === settings) this.#plugins.delete(plugin)
    }
    return { settings, dispose }
  }

  /** Reads them once, so that a plugin with invalid settings fails now. @throws SettingInvalid, SettingsNewer */
  async verify(plugin: string): Promise<void> {
    await this.#plugins.get(plugin)?.get()
  }

  #reread(plugin: string): void {
    const again = this.#plugins.get(plugin)?.changed()
    again?.catch(err => this.logger.error({ err, plugin }, `changed settings of ${plugin} could not be taken in`))
  }

  /** Those of the server. */
  async list(): Promise<SettingsView[]> {
    const ofServer = [...this.#plugins.values()].filter(({ definition }) => definition.scope === 'server')
    return Promise.all(ofServer.map(settings => settings.view()))
  }
}

/** Values as they are shown or changed: any subset of the keys, null for the default. */
function partial(settings: PluginSettings, keys: readonly string[], change: boolean): Schema<Values> {
  const entries = keys.map(key => {
    const schema = (settings.keys[key] as Joi.Schema).optional()
    return [key, change ? schema.allow(null).prefs({ noDefaults: true }) : schema] as const
  })
  return object<Values>(Object.fromEntries(entries))
}

/** @param changed called after each change of the server's values */
function settingsRoutes(
  settings: PluginSettings,
  changed: () => void,
): RouteDefinition<never, never, never, SettingsView>[] {
  const { plugin, keys, secretKeys, definition } = settings
  const shown = Object.keys(keys).filter(key => !secretKeys.includes(key))
  const names = Joi.array().items(Joi.string()).required()
  const response = object<SettingsView>({
    plugin: Joi.string().required(),
    version: Joi.number().required(),
    values: partial(settings, shown, false),
    secrets: names,
    fixed: names,
    fields: Joi.array().items(settingFieldSchema).required(),
  })
  const ofAccount = definition.scope === 'account'
  const path = ofAccount ? `/settings/${plugin}/accounts/:account` : `/settings/${plugin}`
  const params = ofAccount ? { params: object<{ account: string }>({ account: Joi.string().max(64).required() }) } : {}
  type Request = Parameters<
    RouteDefinition<{ account: string } | undefined, unknown, Values, SettingsView>['handler']
  >[0]
  const accountOf = ({ params, actor }: Request): string => {
    const account = params?.account ?? ''
    if (ofAccount && !actor.admin && !actor.accounts.includes(account)) throw AccountUnknown({ account })
    return account
  }
  const read = {
    operation: `settings.${plugin}.show`,
    method: 'GET',
    path,
    permission: ofAccount ? 'authenticated' : 'settings:read',
    summary: `Settings of ${plugin}`,
    ...params,
    response,
    handler: (request: Request) => settings.view(accountOf(request)),
  }
  const write = {
    operation: `settings.${plugin}.update`,
    method: 'PATCH',
    path,
    permission: ofAccount ? 'authenticated' : 'settings:write',
    summary: `Change settings of ${plugin}; null puts one back to its default`,
    ...params,
    body: partial(settings, Object.keys(keys), true),
    response,
    handler: async (request: Request) => {
      const account = accountOf(request)
      await settings.update(request.body, account)
      if (account === '') changed()
      return settings.view(account)
    },
  }
  return [read, write] as unknown as RouteDefinition<never, never, never, SettingsView>[]
}
