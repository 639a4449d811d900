import { Joi, type Message, object } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import type { KernelRequest } from '../http/kernel-request.js'
import { RouteRegistry } from '../http/route-registry.js'
import { Catalogues } from '../i18n/catalogues.js'
import { Access } from '../rbac/access.js'
import { Health } from './health.js'

/** One check, in words of the reader's language. */
export interface HealthView {
  readonly id: string
  readonly status: 'ok' | 'warning' | 'failed'
  readonly message: string
  readonly remedy?: string
}

const view = object<HealthView>({
  id: Joi.string().required(),
  status: Joi.string().valid('ok', 'warning', 'failed').required(),
  message: Joi.string().allow('').required(),
  remedy: Joi.string().allow(''),
})

@scoped(Lifecycle.ContainerScoped)
export class HealthRoutes {
  constructor(
    private readonly health: Health,
    private readonly catalogues: Catalogues,
    private readonly access: Access,
  ) {}

  register(registry: RouteRegistry): void {
    this.access.define('kernel', { 'health:read': {} })
    registry.add('kernel', {
      operation: 'health.examine',
      method: 'GET',
      path: '/health',
      permission: 'health:read',
      summary: 'Examine the panel: state, clock, broker, certificate, disk, plugins, events, jobs, audit, drift',
      response: object<{ items: readonly HealthView[] }>({ items: Joi.array().items(view.optional()).required() }),
      cli: false,
      handler: async ({ actor, signal, locale }: KernelRequest) => {
        const text = ({ code, params }: Message) => this.catalogues.format(locale, code, params)
        const findings = await this.health.examine({ actor, signal })
        const items = findings.map(({ id, status, message, remedy }) => ({
          id,
          status,
          message: text(message),
          ...(remedy ? { remedy: text(remedy) } : {}),
        }))
        return { items }
      },
    })
  }
}
