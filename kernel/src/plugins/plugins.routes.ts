import { Joi, object, type Schema } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import type { KernelRequest } from '../http/kernel-request.js'
import type { RouteRegistry } from '../http/route-registry.js'
import { Catalogues } from '../i18n/catalogues.js'
import { Access } from '../rbac/access.js'
import { PluginHost } from './plugin-host.js'
import type { PluginRecord } from './plugin-record.js'
import { type PluginView, pluginView, pluginViewSchema } from './plugin-view.js'
import { Policies } from './policies.js'
import { comparePrivileges } from './privilege-changes.js'

interface PrivilegesView {
  readonly plugin: string
  readonly digest: string | null
  readonly state: string
  readonly items: readonly {
    readonly code: string
    readonly params: unknown
    readonly risk: string
    readonly text: string
    /** Against what root agreed to last, while an update asks for something else. */
    readonly change?: string
  }[]
  readonly unavailable: readonly { readonly name: string; readonly bin: string }[]
}

const params = object<{ id: string }>({ id: Joi.string().max(64).required() })
const privilegesSchema: Schema<PrivilegesView> = object<PrivilegesView>({
  plugin: Joi.string().required(),
  digest: Joi.string().allow(null).required(),
  state: Joi.string().required(),
  items: Joi.array()
    .items(
      object({
        code: Joi.string().required(),
        params: Joi.object().unknown().required(),
        risk: Joi.string().valid('low', 'medium', 'high').required(),
        text: Joi.string().required(),
        change: Joi.string().valid('added', 'changed', 'removed'),
      }).optional(),
    )
    .required(),
  unavailable: Joi.array()
    .items(object({ name: Joi.string().required(), bin: Joi.string().required() }).optional())
    .required(),
})

/** `/plugins`: what there is, why it does not run, what it may do as root; switching it on and off, live. */
@scoped(Lifecycle.ContainerScoped)
export class PluginsRoutes {
  constructor(
    private readonly host: PluginHost,
    private readonly policies: Policies,
    private readonly catalogues: Catalogues,
    private readonly access: Access,
  ) {}

  register(registry: RouteRegistry): void {
    this.access.define('kernel', { 'plugins:read': {}, 'plugins:write': { risk: 'high' } })
    registry.add('kernel', {
      operation: 'plugins.list',
      method: 'GET',
      path: '/plugins',
      permission: 'plugins:read',
      summary: 'Plugins and their state',
      cli: { columns: ['id', 'version', 'state', 'enabled', 'why', 'dependants'] },
      response: object<{ items: readonly PluginView[] }>({ items: Joi.array().items(pluginViewSchema).required() }),
      handler: async (request: KernelRequest) => ({ items: this.host.list().map(one => this.#view(one, request)) }),
    })
    registry.add('kernel', {
      operation: 'plugins.show',
      method: 'GET',
      path: '/plugins/:id',
      permission: 'plugins:read',
      summary: 'One plugin and its state',
      params,
      response: pluginViewSchema,
      cli: { args: ['id'] },
      handler: async (request: KernelRequest<{ id: string }>) => this.#view(this.host.find(request.params.id), request),
    })
    for (const verb of ['enable', 'disable'] as const) {
      registry.add('kernel', {
        operation: `plugins.${verb}`,
        method: 'POST',
        path: `/plugins/:id/${verb}`,
        permission: 'plugins:write',
        summary: verb === 'enable' ? 'Switch a plugin on' : 'Switch a plugin off; its data stays',
        params,
        response: pluginViewSchema,
        cli: { args: ['id'] },
        handler: async (request: KernelRequest<{ id: string }>) =>
          this.#view(await this.host[verb](request.params.id, request.actor), request),
      })
    }
    registry.add('kernel', {
      operation: 'plugins.privileges',
      method: 'GET',
      path: '/plugins/:id/privileges',
      permission: 'plugins:read',
      summary: 'What a plugin may do as root, in words',
      params,
      response: privilegesSchema,
      cli: { args: ['id'], columns: ['risk', 'text'] },
      handler: (request: KernelRequest<{ id: string }>) => this.#privileges(request),
    })
  }

  #view(record: PluginRecord, { locale }: KernelRequest): PluginView {
    return pluginView(record, this.host.dependants(record.id), (key, values) =>
      this.catalogues.format(locale, key, values),
    )
  }

  async #privileges({ params, locale }: KernelRequest<{ id: string }>): Promise<PrivilegesView> {
    const { id, directory } = this.host.find(params.id)
    const info = (await this.policies.asked(directory)) ? await this.policies.describe(id) : undefined
    if (!info) return { plugin: id, digest: null, state: 'none', items: [], unavailable: [] }
    const asked = { privileges: info.privileges, grammars: info.grammars ?? {} }
    const items = comparePrivileges(asked, info.approved).map(({ key: _key, ...privilege }) => ({
      ...privilege,
      text: this.catalogues.format(locale, privilege.code, privilege.params),
    }))
    const { digest, state, unavailable } = info
    return { plugin: id, digest: digest || null, state, items, unavailable }
  }
}
