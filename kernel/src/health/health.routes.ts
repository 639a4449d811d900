import { Joi, type Message, object } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import type { KernelRequest } from '../http/kernel-request.js'
import { RouteRegistry } from '../http/route-registry.js'
import { Catalogues } from '../i18n/catalogues.js'
import { Access } from '../rbac/access.js'
import { Clock } from '../state/clock.js'
import { type Finding, groups, worst } from './finding.js'
import { Health } from './health.js'
import { type HealthView, viewOf } from './view.js'

interface HealthAnswer {
  /** ISO 8601 UTC. */
  readonly checkedAt: string
  /** The worst of the items. */
  readonly status: Finding['status']
  readonly items: readonly HealthView[]
}

const status = Joi.string().valid('ok', 'warning', 'failed').required()
const view = object<HealthView>({
  id: Joi.string().required(),
  group: Joi.string()
    .valid(...groups)
    .required(),
  status,
  code: Joi.string().required(),
  message: Joi.string().allow('').required(),
  remedy: Joi.string().allow(''),
  command: Joi.string(),
  plugin: Joi.string(),
})

@scoped(Lifecycle.ContainerScoped)
export class HealthRoutes {
  constructor(
    private readonly health: Health,
    private readonly catalogues: Catalogues,
    private readonly access: Access,
    private readonly clock: Clock,
  ) {}

  register(registry: RouteRegistry): void {
    this.access.define('kernel', { 'health:read': {} })
    registry.add('kernel', {
      operation: 'health.examine',
      method: 'GET',
      path: '/health',
      permission: 'health:read',
      summary:
        'Examine the panel and its host: ports, units, disk, clock, versions, broker, state, certificate, permissions, audit, jobs, drift, plugins',
      response: object<HealthAnswer>({
        checkedAt: Joi.string().isoDate().required(),
        status,
        items: Joi.array().items(view.optional()).required(),
      }),
      cli: false,
      handler: async ({ actor, signal, locale }: KernelRequest) => {
        const text = ({ code, params }: Message) => this.catalogues.format(locale, code, params)
        const findings = await this.health.examine({ actor, signal })
        const items = findings.map(found => viewOf(found, text))
        return { checkedAt: this.clock.now().toISOString(), status: worst(findings), items }
      },
    })
  }
}
