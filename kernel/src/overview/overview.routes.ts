import { type DashboardCard, Joi, type Message, object } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { machineSchema } from '../health/server.routes.js'
import type { KernelRequest } from '../http/kernel-request.js'
import { RouteRegistry } from '../http/route-registry.js'
import { type Card, type Found, type Overview, Overviews } from './overview.js'

const message = object<Message>({ code: Joi.string().required(), params: Joi.object().unknown() })
const tone = Joi.string().valid('neutral', 'success', 'warning', 'danger')
const card = object<Card>({
  plugin: Joi.string().required(),
  title: message.required(),
  icon: Joi.string().required(),
  href: Joi.string().required(),
  figures: Joi.array().items(
    object<NonNullable<DashboardCard['figures']>[number]>({
      label: message.required(),
      value: Joi.number().required(),
      tone,
    }),
  ),
  rows: Joi.array().items(
    object<NonNullable<DashboardCard['rows']>[number]>({
      text: Joi.string().required(),
      href: Joi.string(),
      detail: message,
      tone,
    }),
  ),
  action: object<NonNullable<DashboardCard['action']>>({
    label: message.required(),
    href: Joi.string().required(),
  }).optional(),
})
const found = object<Found>({
  plugin: Joi.string().required(),
  title: Joi.string().required(),
  href: Joi.string().required(),
  kind: message.required(),
})

interface SearchQuery {
  readonly q: string
}

@scoped(Lifecycle.ContainerScoped)
export class OverviewRoutes {
  constructor(private readonly overviews: Overviews) {}

  register(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'overview.describe',
      method: 'GET',
      path: '/overview',
      permission: 'authenticated',
      summary: 'What the first page shows: the server, notifications, and a card of each plugin that has one for you',
      response: object<Overview>({
        server: machineSchema.optional(),
        unread: Joi.number().integer().required(),
        cards: Joi.array().items(card).required(),
      }),
      cli: false,
      handler: ({ actor, signal }: KernelRequest) => this.overviews.describe(actor, signal),
    })
    registry.add('kernel', {
      operation: 'search.everything',
      method: 'GET',
      path: '/search',
      permission: 'authenticated',
      summary: 'Search everything that plugins know and you may see',
      query: object<SearchQuery>({ q: Joi.string().trim().min(1).max(100).required() }),
      response: object<{ items: readonly Found[] }>({ items: Joi.array().items(found).required() }),
      cli: { args: ['q'], columns: ['title', 'href', 'plugin'] },
      handler: async ({ actor, signal, query }: KernelRequest<unknown, SearchQuery>) => ({
        items: await this.overviews.search(actor, signal, query.q),
      }),
    })
  }
}
