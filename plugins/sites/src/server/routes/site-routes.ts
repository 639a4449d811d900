import { extensionsSchema, type PluginContext } from '@nusantara/sdk'
import { createExtension } from '../../api.js'
import { applySchema, createSchema, directivesSchema, suspendSchema, updateSchema } from '../input/site-input.js'
import type { Sites } from '../service.js'
import {
  deleteQuery,
  idSchema,
  listQuery,
  logQuery,
  logSchema,
  pageSchema,
  runtimesSchema,
  siteSchema,
} from './schemas.js'

const resource = { type: 'site' }

/** Everything below `/api/v1/sites`. */
export function registerRoutes({ http, extensions }: Pick<PluginContext, 'http' | 'extensions'>, sites: Sites): void {
  http.route({
    operation: 'sites.list',
    method: 'GET',
    path: '/',
    permission: 'sites:read',
    summary: 'List sites, by domain unless sorted otherwise',
    cli: { columns: ['id', 'domain', 'runtime', 'state'] },
    query: listQuery,
    response: pageSchema,
    handler: ({ actor, query }) => sites.page(actor, query),
  })
  // Before '/:id', which would take it for an id.
  http.route({
    operation: 'sites.runtimes',
    method: 'GET',
    path: '/runtimes',
    permission: 'sites:read',
    summary: 'What this server can run, and the PHP settings that may be changed',
    response: runtimesSchema,
    handler: ({ actor }) => sites.runtimes(actor),
  })
  http.route({
    operation: 'sites.create',
    method: 'POST',
    path: '/',
    permission: 'sites:write',
    summary: 'Create a site and publish it',
    body: createSchema(extensionsSchema(() => extensions.list(createExtension))),
    change: true,
    cli: { args: ['domain'] },
    handler: request => sites.create(request),
  })
  http.route({
    operation: 'sites.apply',
    method: 'POST',
    path: '/apply',
    permission: 'sites:apply',
    summary: 'Render and apply every site again, in one batch',
    body: applySchema,
    change: true,
    handler: request => sites.apply(request),
  })
  http.route({
    operation: 'sites.get',
    method: 'GET',
    path: '/:id',
    permission: 'sites:read',
    resource,
    summary: 'One site',
    params: idSchema,
    response: siteSchema,
    cli: { args: ['id'] },
    handler: ({ params }) => sites.show(params.id),
  })
  http.route({
    operation: 'sites.update',
    method: 'PATCH',
    path: '/:id',
    permission: 'sites:write',
    resource,
    summary: 'Change a site; what is left out stays as it is',
    params: idSchema,
    body: updateSchema,
    change: true,
    cli: { args: ['id'] },
    handler: request => sites.update(request),
  })
  http.route({
    operation: 'sites.directives',
    method: 'PUT',
    path: '/:id/directives',
    permission: 'sites:directives',
    resource,
    summary: 'Set further web server directives of a site, each of the allowlist',
    params: idSchema,
    body: directivesSchema,
    change: true,
    cli: { args: ['id'] },
    handler: request => sites.update(request),
  })
  http.route({
    operation: 'sites.delete',
    method: 'DELETE',
    path: '/:id',
    permission: 'sites:write',
    resource,
    summary: 'Delete a site; its name confirms it, and its files can be kept',
    params: idSchema,
    query: deleteQuery,
    change: true,
    cli: { args: ['id'] },
    handler: request => sites.remove(request),
  })
  http.route({
    operation: 'sites.suspend',
    method: 'POST',
    path: '/:id/suspend',
    permission: 'sites:write',
    resource,
    summary: 'Answer a site with 503 and stop what it runs',
    params: idSchema,
    body: suspendSchema,
    change: true,
    cli: { args: ['id'] },
    handler: request => sites.suspend(request),
  })
  http.route({
    operation: 'sites.resume',
    method: 'POST',
    path: '/:id/resume',
    permission: 'sites:write',
    resource,
    summary: 'Publish a suspended site again; what an administrator suspended, an administrator resumes',
    params: idSchema,
    change: true,
    cli: { args: ['id'] },
    handler: request => sites.resume(request),
  })
  http.route({
    operation: 'sites.logs',
    method: 'GET',
    path: '/:id/logs',
    permission: 'sites:read',
    resource,
    summary: 'The newest lines of a log of the site',
    params: idSchema,
    query: logQuery,
    response: logSchema,
    cli: { args: ['id'] },
    handler: ({ params, query }) => sites.log(params.id, query),
  })
}
