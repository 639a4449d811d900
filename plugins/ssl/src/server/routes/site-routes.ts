import type { PluginContext } from '@nusantara/sdk'
import type { ReadinessCheck } from '../readiness-check.js'
import type { Ssl } from '../service.js'
import {
  issueBody,
  listQuery,
  policyBody,
  readinessQuery,
  revokeBody,
  selfSignBody,
  siteParams,
  uploadBody,
} from './bodies.js'
import {
  chainSchema,
  expirySchema,
  exportSchema,
  historySchema,
  pageSchema,
  readinessSchema,
  siteSchema,
} from './schemas.js'

const of = { resource: { type: 'site' }, params: siteParams } as const
const cli = { args: ['id'], values: { id: 'sites.list' } } as const

/** The list of sites, and everything below `/api/v1/ssl/sites`: how one site stands with TLS, and what is changed about it. */
export function registerSiteRoutes({ http }: Pick<PluginContext, 'http'>, ssl: Ssl, readiness: ReadinessCheck): void {
  http.route({
    operation: 'ssl.list',
    method: 'GET',
    path: '/',
    permission: 'ssl:read',
    summary: 'How sites stand with TLS, what asks for attention first unless sorted otherwise',
    query: listQuery,
    response: pageSchema,
    cli: { columns: ['domain', 'health', 'renewAt', 'siteId'] },
    handler: ({ actor, query }) => ssl.list(actor, query),
  })
  http.route({
    operation: 'ssl.expiry',
    method: 'GET',
    path: '/expiry',
    permission: 'ssl:read',
    summary: 'When the certificates of all sites end, the next first',
    response: expirySchema,
    cli: { columns: ['domain', 'notAfter', 'health'] },
    handler: async ({ actor }) => ({ items: await ssl.expiries(actor) }),
  })
  http.route({
    ...of,
    operation: 'ssl.get',
    method: 'GET',
    path: '/sites/:id',
    permission: 'ssl:read',
    summary: 'How a site stands with TLS',
    response: siteSchema,
    cli,
    handler: ({ actor, params }) => ssl.show(actor, params.id),
  })
  http.route({
    ...of,
    operation: 'ssl.history',
    method: 'GET',
    path: '/sites/:id/certificates',
    permission: 'ssl:read',
    summary: 'Certificates of a site, newest first',
    response: historySchema,
    cli,
    handler: async ({ actor, params }) => ({ items: await ssl.history(actor, params.id) }),
  })
  http.route({
    ...of,
    operation: 'ssl.chain',
    method: 'GET',
    path: '/sites/:id/chain',
    permission: 'ssl:read',
    summary: 'The certificate that is served, with its chain, as PEM and in words',
    response: chainSchema,
    cli,
    handler: ({ actor, params }) => ssl.chain(actor, params.id),
  })
  http.route({
    ...of,
    operation: 'ssl.readiness',
    method: 'GET',
    path: '/sites/:id/readiness',
    permission: 'ssl:read',
    summary: 'What stands in the way of a certificate for the names of a site',
    query: readinessQuery,
    response: readinessSchema,
    cli,
    handler: async ({ actor, params, query, signal }) => ({
      findings: await readiness.check(actor, params.id, query, signal),
    }),
  })
  http.route({
    ...of,
    operation: 'ssl.issue',
    method: 'POST',
    path: '/sites/:id/issue',
    permission: 'ssl:write',
    summary: 'Have a certificate issued for a site and serve it',
    body: issueBody,
    change: true,
    cli,
    handler: request => ssl.issue(request),
  })
  http.route({
    ...of,
    operation: 'ssl.renew',
    method: 'POST',
    path: '/sites/:id/renew',
    permission: 'ssl:write',
    summary: 'Renew the certificate of a site now',
    change: true,
    cli,
    handler: request => ssl.renew(request.params.id, { request }),
  })
  http.route({
    ...of,
    operation: 'ssl.upload',
    method: 'POST',
    path: '/sites/:id/upload',
    permission: 'ssl:write',
    summary: 'Serve a certificate of your own',
    body: uploadBody,
    bodyLimit: 128 * 1024,
    change: true,
    cli,
    handler: request => ssl.upload(request),
  })
  http.route({
    ...of,
    operation: 'ssl.selfSign',
    method: 'POST',
    path: '/sites/:id/self-sign',
    permission: 'ssl:write',
    summary: 'Serve a certificate that nobody vouches for, for tests',
    body: selfSignBody,
    change: true,
    cli,
    handler: request => ssl.selfSign(request),
  })
  http.route({
    ...of,
    operation: 'ssl.policy',
    method: 'PATCH',
    path: '/sites/:id',
    permission: 'ssl:write',
    summary: 'Change how a site answers over TLS; what is left out stays as it is',
    body: policyBody,
    change: true,
    cli,
    handler: request => ssl.changePolicy(request),
  })
  http.route({
    ...of,
    operation: 'ssl.remove',
    method: 'DELETE',
    path: '/sites/:id',
    permission: 'ssl:write',
    summary: 'Answer a site over plain HTTP alone; nothing is renewed any more',
    change: true,
    cli,
    handler: request => ssl.remove(request),
  })
  http.route({
    ...of,
    operation: 'ssl.revoke',
    method: 'POST',
    path: '/sites/:id/revoke',
    permission: 'ssl:write',
    summary: 'Revoke a certificate; one that is served is taken out of service first',
    body: revokeBody,
    change: true,
    cli,
    handler: request => ssl.revoke(request),
  })
  http.route({
    ...of,
    operation: 'ssl.export',
    method: 'POST',
    path: '/sites/:id/export',
    permission: 'ssl:export',
    summary: 'Read the certificate that is served with its private key, where that may leave the server',
    response: exportSchema,
    cli,
    handler: ({ actor, params }) => ssl.export(actor, params.id),
  })
}
