import { Joi, object, type Page } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import type { KernelRequest } from '../http/kernel-request.js'
import type { RouteRegistry } from '../http/route-registry.js'
import { type InboxFilter, type InboxItem, Notifications } from './notifications.js'

const item = object<InboxItem>({
  id: Joi.string().required(),
  plugin: Joi.string().required(),
  code: Joi.string().required(),
  params: Joi.object().unknown().required(),
  severity: Joi.string().valid('info', 'warning', 'critical').required(),
  createdAt: Joi.string().isoDate().required(),
  updatedAt: Joi.string().isoDate().required(),
  read: Joi.boolean().required(),
  link: Joi.string(),
})

interface ListQuery extends InboxFilter {
  readonly limit: number
  readonly cursor?: string
}

/** Everyone reads what is meant for them; there is no permission beyond being signed in. */
@scoped(Lifecycle.ContainerScoped)
export class NotificationsRoutes {
  constructor(private readonly notifications: Notifications) {}

  register(registry: RouteRegistry): void {
    registry.addStream('kernel', { topic: 'notifications', permission: 'authenticated' })
    registry.add('kernel', {
      operation: 'notifications.list',
      method: 'GET',
      path: '/notifications',
      permission: 'authenticated',
      summary: 'Notifications for you, newest first',
      query: object<ListQuery>({
        limit: Joi.number().integer().min(1).max(200).default(50),
        cursor: Joi.string().max(64),
        unread: Joi.boolean(),
        severity: Joi.string().valid('info', 'warning', 'critical'),
      }),
      response: object<Page<InboxItem>>({
        items: Joi.array().items(item).required(),
        nextCursor: Joi.string(),
        total: Joi.number(),
      }),
      handler: ({ actor, query }: KernelRequest<unknown, ListQuery>) => this.notifications.list(actor, query),
    })
    registry.add('kernel', {
      operation: 'notifications.read',
      method: 'POST',
      path: '/notifications/:id/read',
      permission: 'authenticated',
      summary: 'Mark a notification as read',
      params: object<{ id: string }>({ id: Joi.string().max(64).required() }),
      status: 204,
      audit: false,
      handler: async ({ actor, params }: KernelRequest<{ id: string }>) => {
        await this.notifications.markRead(actor, params.id)
        return undefined
      },
    })
    registry.add('kernel', {
      operation: 'notifications.readAll',
      method: 'POST',
      path: '/notifications/read',
      permission: 'authenticated',
      summary: 'Mark all your notifications as read',
      status: 204,
      audit: false,
      handler: async ({ actor }: KernelRequest) => {
        await this.notifications.markAllRead(actor)
        return undefined
      },
    })
  }
}
