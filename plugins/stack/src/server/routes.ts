import { Joi, object, type Page, type PluginContext, type Schema } from '@nusantara/sdk'
import type { Component, ComponentDetails } from '../api.js'
import { installInput } from './jobs/install-components.js'
import type { ListQuery, Stack } from './stack.js'

const component = {
  id: Joi.string().required(),
  kind: Joi.string().valid('web', 'php', 'database', 'cache').required(),
  state: Joi.string().valid('installed', 'broken', 'available', 'unavailable').required(),
  installed: Joi.string(),
  candidate: Joi.string(),
  running: Joi.boolean(),
  installable: Joi.boolean().required(),
}

const pageSchema: Schema<Page<Component>> = object<Page<Component>>({
  items: Joi.array().items(Joi.object(component)).required(),
  nextCursor: Joi.string(),
  total: Joi.number(),
})

const detailsSchema: Schema<ComponentDetails> = object<ComponentDetails>({
  ...component,
  cost: Joi.object({
    packages: Joi.number().required(),
    downloadBytes: Joi.number().required(),
    diskBytes: Joi.number().required(),
  }),
  listsFetched: Joi.string(),
})

const listQuery: Schema<ListQuery> = object<ListQuery>({
  q: Joi.string().max(64).allow(''),
  limit: Joi.number().integer().min(1).max(200).default(50),
  cursor: Joi.string().max(64),
})

const idSchema = object<{ component: string }>({ component: Joi.string().max(64).required() })

/** Everything below `/api/v1/stack`. */
export function registerRoutes({ http }: Pick<PluginContext, 'http'>, stack: Stack): void {
  http.route({
    operation: 'stack.list',
    method: 'GET',
    path: '/',
    permission: 'stack:read',
    summary: 'List the software that sites stand on: what is installed, and what can be',
    query: listQuery,
    response: pageSchema,
    cli: { columns: ['id', 'state', 'installed', 'candidate', 'running'] },
    handler: ({ actor, query }) => stack.page(actor, query),
  })
  http.route({
    operation: 'stack.install',
    method: 'POST',
    path: '/install',
    permission: 'stack:install',
    summary: 'Install components from the package sources of the server, all at once',
    body: installInput,
    change: true,
    cli: { args: ['components'], values: { components: 'stack.list' } },
    handler: request => stack.install(request),
  })
  http.route({
    operation: 'stack.get',
    method: 'GET',
    path: '/components/:component',
    permission: 'stack:read',
    summary: 'One component, and what its installation would cost',
    params: idSchema,
    response: detailsSchema,
    cli: { args: ['component'], values: { component: 'stack.list' } },
    handler: ({ actor, params }) => stack.details(actor, params.component),
  })
}
