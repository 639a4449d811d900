import { Joi, object } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { sessionView } from '../auth/auth-schemas.js'
import { RouteRegistry } from '../http/route-registry.js'
import { Access } from './access.js'
import { id, idParams, locale, orderedQuery, pageOf, password, username } from './schemas.js'
import { type NewUser, type UserPatch, Users, type UserView, userOrders } from './users.js'

const ids = Joi.array().items(id).max(100).unique()

const userView = object<UserView>({
  id: Joi.string().required(),
  username: Joi.string().required(),
  locale: Joi.string().required(),
  disabled: Joi.boolean().required(),
  totp: Joi.boolean().required(),
  roles: Joi.array().items(Joi.string()).required(),
  accounts: Joi.array().items(Joi.string()).required(),
  createdAt: Joi.string().isoDate().required(),
  lastSignInAt: Joi.string().isoDate().allow(null).required(),
})

const newUser = object<NewUser>({
  username: username.required(),
  password: password.required(),
  locale: locale.default('en'),
  roles: ids.default(['user']),
  accounts: ids,
})

const userPatch = object<UserPatch>({ username, locale, disabled: Joi.boolean(), roles: ids, accounts: ids })

/** `/users`. What is changed is recorded by the service, in the same transaction. */
@scoped(Lifecycle.ContainerScoped)
export class UsersRoutes {
  constructor(
    private readonly users: Users,
    private readonly access: Access,
  ) {}

  register(registry: RouteRegistry): void {
    this.access.define('kernel', { 'users:read': {}, 'users:write': { risk: 'high' } })
    this.#reads(registry)
    this.#writes(registry)
    this.#rescues(registry)
  }

  #reads(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'users.list',
      method: 'GET',
      path: '/users',
      permission: 'users:read',
      summary: 'Users, by name unless ordered otherwise',
      cli: { columns: ['id', 'username', 'roles', 'accounts', 'disabled', 'lastSignInAt'] },
      query: orderedQuery(userOrders),
      response: pageOf(userView),
      handler: ({ query }) => this.users.list(query),
    })
    registry.add('kernel', {
      operation: 'users.get',
      method: 'GET',
      path: '/users/:id',
      permission: 'users:read',
      summary: 'One user',
      params: idParams,
      response: userView,
      cli: { args: ['id'] },
      handler: ({ params }) => this.users.get(params.id),
    })
    registry.add('kernel', {
      operation: 'users.sessions',
      method: 'GET',
      path: '/users/:id/sessions',
      permission: 'users:read',
      summary: 'Where a user is signed in, the last used first',
      params: idParams,
      response: pageOf(sessionView),
      cli: { args: ['id'] },
      handler: ({ actor, params }) => this.users.listSessions(actor, params.id),
    })
  }

  #writes(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'users.create',
      method: 'POST',
      path: '/users',
      permission: 'users:write',
      summary: 'Add a user',
      body: newUser,
      response: userView,
      status: 201,
      audit: false,
      cli: { args: ['username'] },
      handler: ({ actor, body }) => this.users.create(actor, body),
    })
    registry.add('kernel', {
      operation: 'users.update',
      method: 'PATCH',
      path: '/users/:id',
      permission: 'users:write',
      summary: 'Change name, language, roles or accounts of a user, disable or enable them',
      params: idParams,
      body: userPatch,
      response: userView,
      audit: false,
      cli: { args: ['id'] },
      handler: ({ actor, params, body }) => this.users.update(actor, params.id, body),
    })
    registry.add('kernel', {
      operation: 'users.delete',
      method: 'DELETE',
      path: '/users/:id',
      permission: 'users:write',
      summary: 'Remove a user',
      params: idParams,
      status: 204,
      audit: false,
      cli: { args: ['id'] },
      handler: async ({ actor, params }) => {
        await this.users.remove(actor, params.id)
        return undefined
      },
    })
  }

  #rescues(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'users.setPassword',
      method: 'POST',
      path: '/users/:id/password',
      permission: 'users:write',
      summary: 'Set the password of a user, end their sessions and revoke their tokens',
      params: idParams,
      body: object<{ readonly password: string }>({ password: password.required() }),
      status: 204,
      audit: false,
      cli: { args: ['id'] },
      handler: async ({ actor, params, body }) => {
        await this.users.setPassword(actor, params.id, body.password)
        return undefined
      },
    })
    registry.add('kernel', {
      operation: 'users.removeTotp',
      method: 'DELETE',
      path: '/users/:id/totp',
      permission: 'users:write',
      summary: 'Remove the second factor of a user who lost it',
      params: idParams,
      status: 204,
      audit: false,
      cli: { args: ['id'] },
      handler: async ({ actor, params }) => {
        await this.users.removeTotp(actor, params.id)
        return undefined
      },
    })
    registry.add('kernel', {
      operation: 'users.endSessions',
      method: 'DELETE',
      path: '/users/:id/sessions',
      permission: 'users:write',
      summary: 'End all sessions of a user but the one that asks',
      params: idParams,
      status: 204,
      audit: false,
      cli: { args: ['id'] },
      handler: async ({ actor, params }) => {
        await this.users.endSessions(actor, params.id)
        return undefined
      },
    })
  }
}
