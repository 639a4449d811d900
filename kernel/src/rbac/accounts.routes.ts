import { Joi, object } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { RouteRegistry } from '../http/route-registry.js'
import { Access } from './access.js'
import { Accounts, type AccountView, accountOrders } from './accounts.js'
import { id, idParams, label, orderedQuery, pageOf } from './schemas.js'

const accountView = object<AccountView>({
  id: Joi.string().required(),
  name: Joi.string().required(),
  members: Joi.array().items(Joi.string()).required(),
  createdAt: Joi.string().isoDate().required(),
  resources: Joi.number().integer().min(0).required(),
})

const members = Joi.array().items(id).max(1000).unique()

interface NewAccount {
  readonly name: string
  readonly members?: readonly string[]
}

interface AccountPatch {
  readonly name?: string
  readonly members?: readonly string[]
}

/** `/accounts`. */
@scoped(Lifecycle.ContainerScoped)
export class AccountsRoutes {
  constructor(
    private readonly accounts: Accounts,
    private readonly access: Access,
  ) {}

  register(registry: RouteRegistry): void {
    this.access.define('kernel', { 'accounts:read': { user: true }, 'accounts:write': {} })
    this.#reads(registry)
    this.#writes(registry)
  }

  #reads(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'accounts.list',
      method: 'GET',
      path: '/accounts',
      permission: 'accounts:read',
      summary: 'Accounts by name; your own, unless you administer the panel',
      cli: { columns: ['id', 'name', 'members', 'resources', 'createdAt'] },
      query: orderedQuery(accountOrders),
      response: pageOf(accountView),
      handler: ({ actor, query }) => this.accounts.list(actor, query),
    })
    registry.add('kernel', {
      operation: 'accounts.get',
      method: 'GET',
      path: '/accounts/:id',
      permission: 'accounts:read',
      summary: 'One account',
      params: idParams,
      response: accountView,
      cli: { args: ['id'] },
      handler: ({ actor, params }) => this.accounts.get(actor, params.id),
    })
  }

  #writes(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'accounts.create',
      method: 'POST',
      path: '/accounts',
      permission: 'accounts:write',
      summary: 'Add an account',
      body: object<NewAccount>({ name: label.required(), members }),
      response: accountView,
      status: 201,
      audit: false,
      cli: { args: ['name'] },
      handler: ({ actor, body }) => this.accounts.create(actor, body.name, body.members),
    })
    registry.add('kernel', {
      operation: 'accounts.update',
      method: 'PATCH',
      path: '/accounts/:id',
      permission: 'accounts:write',
      summary: 'Rename an account or set its members',
      params: idParams,
      body: object<AccountPatch>({ name: label, members }),
      response: accountView,
      audit: false,
      cli: { args: ['id'] },
      handler: ({ actor, params, body }) => this.accounts.update(actor, params.id, body),
    })
    registry.add('kernel', {
      operation: 'accounts.delete',
      method: 'DELETE',
      path: '/accounts/:id',
      permission: 'accounts:write',
      summary: 'Remove an account that owns nothing',
      params: idParams,
      status: 204,
      audit: false,
      cli: { args: ['id'] },
      handler: async ({ actor, params }) => {
        await this.accounts.remove(actor, params.id)
        return undefined
      },
    })
  }
}
