import { Joi, object } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import type { RouteRegistry } from '../http/route-registry.js'
import { Access } from '../rbac/access.js'
import { Settings } from './settings.js'

/** The list; each plugin's own routes come and go with the plugin. */
@scoped(Lifecycle.ContainerScoped)
export class SettingsRoutes {
  constructor(
    private readonly settings: Settings,
    private readonly access: Access,
  ) {}

  register(registry: RouteRegistry): void {
    this.access.define('kernel', { 'settings:read': {}, 'settings:write': { risk: 'high' } })
    registry.add('kernel', {
      operation: 'settings.list',
      method: 'GET',
      path: '/settings',
      permission: 'settings:read',
      summary: 'Settings of the server, by plugin',
      response: object<{ items: unknown }>({ items: Joi.array().items(Joi.object().unknown()).required() }),
      handler: async () => ({ items: await this.settings.list() }),
    })
  }
}
