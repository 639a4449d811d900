import { Joi, object } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { RouteRegistry } from '../http/route-registry.js'
import { Access } from '../rbac/access.js'
import { idParams, label, pageOf, permissionList } from '../rbac/schemas.js'
import { ApiTokens, type TokenInput, type TokenView } from './api-tokens.js'

const viewKeys = {
  id: Joi.string().required(),
  name: Joi.string().required(),
  permissions: Joi.array().items(Joi.string()).required(),
  createdAt: Joi.string().isoDate().required(),
  expiresAt: Joi.string().isoDate().allow(null).required(),
  lastUsedAt: Joi.string().isoDate().allow(null).required(),
}

/** `/tokens`: each user's own. */
@scoped(Lifecycle.ContainerScoped)
export class ApiTokensRoutes {
  constructor(
    private readonly tokens: ApiTokens,
    private readonly access: Access,
  ) {}

  register(registry: RouteRegistry): void {
    this.access.define('kernel', { 'tokens:write': { risk: 'high', user: true } })
    registry.add('kernel', {
      operation: 'tokens.list',
      method: 'GET',
      path: '/tokens',
      permission: 'authenticated',
      summary: 'Your API tokens, without their secrets',
      response: pageOf(object<TokenView>(viewKeys)),
      cli: false,
      handler: ({ actor }) => this.tokens.list(actor),
    })
    registry.add('kernel', {
      operation: 'tokens.create',
      method: 'POST',
      path: '/tokens',
      permission: 'tokens:write',
      summary: 'Make an API token; it is shown in this answer and never again',
      body: object<TokenInput>({
        name: label.required(),
        permissions: permissionList.min(1).required(),
        expiresAt: Joi.string().isoDate().allow(null),
      }),
      response: object<TokenView & { readonly token: string }>({ ...viewKeys, token: Joi.string().required() }),
      status: 201,
      audit: false,
      cli: false,
      handler: ({ actor, body }) => this.tokens.create(actor, body),
    })
    registry.add('kernel', {
      operation: 'tokens.delete',
      method: 'DELETE',
      path: '/tokens/:id',
      permission: 'tokens:write',
      summary: 'Revoke an API token',
      params: idParams,
      status: 204,
      audit: false,
      cli: false,
      handler: async ({ actor, params }) => {
        await this.tokens.remove(actor, params.id)
        return undefined
      },
    })
  }
}
