import { type Actor, holds, type PluginContext } from '@nusantara/sdk'
import type { Authority } from '../../api.js'
import type { SslDeps } from '../deps.js'
import { AccountMissing } from '../errors.js'
import { rollOverKey } from '../jobs/roll-over.js'
import { authorityBody, idParams, providerBody } from './bodies.js'
import { authoritiesSchema, authoritySchema, providerSchema, providersSchema } from './schemas.js'

const cli = { args: ['id'] } as const

/** The account and how it is reached concern those alone who may change them. */
function seenBy(actor: Actor): (authority: Authority) => Authority {
  if (holds(actor, 'ssl:authorities')) return authority => authority
  return authority => ({ ...authority, caPem: null, eabKeyId: null, accountUrl: null })
}

/** Who certifies, and who changes the DNS for that: the server's own, so administrators' alone. */
export function registerAuthorityRoutes(
  { http, jobs }: Pick<PluginContext, 'http' | 'jobs'>,
  { authorities, providers }: Pick<SslDeps, 'authorities' | 'providers'>,
): void {
  http.route({
    operation: 'ssl.authorities.list',
    method: 'GET',
    path: '/authorities',
    permission: 'ssl:read',
    summary: 'Certificate authorities that can be asked',
    response: authoritiesSchema,
    cli: { columns: ['id', 'name', 'default'] },
    handler: async ({ actor }) => ({ items: (await authorities.list()).map(seenBy(actor)) }),
  })
  http.route({
    operation: 'ssl.authorities.create',
    method: 'POST',
    path: '/authorities',
    permission: 'ssl:authorities',
    summary: 'Add a certificate authority by the URL of its ACME directory',
    body: authorityBody,
    response: authoritySchema,
    status: 201,
    cli: { args: ['id', 'directoryUrl'] },
    handler: ({ body }) => authorities.add(body),
  })
  http.route({
    operation: 'ssl.authorities.delete',
    method: 'DELETE',
    path: '/authorities/:id',
    permission: 'ssl:authorities',
    summary: 'Remove a certificate authority that no site uses',
    params: idParams,
    status: 204,
    cli,
    handler: async ({ params }) => {
      await authorities.remove(params.id)
      return undefined
    },
  })
  http.route({
    operation: 'ssl.authorities.rollOver',
    method: 'POST',
    path: '/authorities/:id/roll-over',
    permission: 'ssl:authorities',
    summary: 'Give the account at a certificate authority another key',
    params: idParams,
    change: true,
    cli,
    handler: async request => {
      const { id, name, accountUrl } = await authorities.require(request.params.id)
      if (!accountUrl) throw AccountMissing({ authority: name })
      return jobs.submit(rollOverKey, { authority: id, name }, { request })
    },
  })
  http.route({
    operation: 'ssl.providers.list',
    method: 'GET',
    path: '/providers',
    permission: 'ssl:read',
    summary: 'DNS providers that whoever asks may prove names through, without their secrets',
    response: providersSchema,
    cli: { columns: ['id', 'name', 'type'] },
    handler: async ({ actor }) => ({ items: holds(actor, 'ssl:authorities') ? await providers.list() : [] }),
  })
  http.route({
    operation: 'ssl.providers.put',
    method: 'PUT',
    path: '/providers',
    permission: 'ssl:authorities',
    summary: 'Add a DNS provider, or replace the one of that id',
    body: providerBody,
    response: providerSchema,
    handler: ({ body }) => providers.put(body),
  })
  http.route({
    operation: 'ssl.providers.delete',
    method: 'DELETE',
    path: '/providers/:id',
    permission: 'ssl:authorities',
    summary: 'Remove a DNS provider that no site uses',
    params: idParams,
    status: 204,
    cli,
    handler: async ({ params }) => {
      await providers.remove(params.id)
      return undefined
    },
  })
}
