import { Joi } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Access } from '../rbac/access.js'
import { Content } from './content.js'
import { Metrics } from './metrics.js'
import type { RouteRegistry } from './route-registry.js'

/** What a monitoring system asks: is it up, and its figures. */
@scoped(Lifecycle.ContainerScoped)
export class OperationsRoutes {
  constructor(
    private readonly metrics: Metrics,
    private readonly access: Access,
  ) {}

  register(registry: RouteRegistry): void {
    this.access.define('kernel', { 'metrics:read': {} })
    registry.add('kernel', {
      operation: 'health.check',
      method: 'GET',
      path: '/healthz',
      root: true,
      permission: 'public',
      summary: 'Answers ok while the panel serves requests',
      response: Joi.string(),
      produces: 'text/plain',
      cli: false,
      handler: async () => new Content('text/plain; charset=utf-8', 'ok\n'),
    })
    registry.add('kernel', {
      operation: 'metrics.read',
      method: 'GET',
      path: '/metrics',
      root: true,
      permission: 'metrics:read',
      summary: 'Figures in the Prometheus text format',
      response: Joi.string(),
      produces: 'text/plain',
      cli: false,
      handler: async () => new Content('text/plain; version=0.0.4; charset=utf-8', await this.metrics.text()),
    })
  }
}
