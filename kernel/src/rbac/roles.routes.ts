import { Joi, object, type Page } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { RouteRegistry } from '../http/route-registry.js'
import { Access, type Permission } from './access.js'
import { type RoleInput, Roles, type RoleView } from './roles.js'
import { idParams, label, pageOf, permissionList, permissionView } from './schemas.js'

const roleView = object<RoleView>({
  id: Joi.string().required(),
  name: Joi.string().required(),
  description: Joi.string().allow('').required(),
  builtIn: Joi.boolean().required(),
  permissions: Joi.array().items(Joi.string()).required(),
  users: Joi.number().integer().min(0).required(),
})

const description = Joi.string().max(512).allow('')

/** `/roles` and the permissions they are made of. */
@scoped(Lifecycle.ContainerScoped)
export class RolesRoutes {
  constructor(
    private readonly roles: Roles,
    private readonly access: Access,
  ) {}

  register(registry: RouteRegistry): void {
    this.access.define('kernel', { 'roles:read': {}, 'roles:write': { risk: 'high' } })
    this.#reads(registry)
    this.#writes(registry)
  }

  #reads(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'roles.list',
      method: 'GET',
      path: '/roles',
      permission: 'roles:read',
      summary: 'Roles, the built-in ones first',
      response: pageOf(roleView),
      handler: () => this.roles.list(),
    })
    registry.add('kernel', {
      operation: 'roles.permissions',
      method: 'GET',
      path: '/roles/permissions',
      permission: 'roles:read',
      summary: 'Every permission that the kernel and the enabled plugins declare',
      response: pageOf(permissionView),
      handler: async (): Promise<Page<Permission>> => ({ items: this.access.list() }),
    })
    registry.add('kernel', {
      operation: 'roles.get',
      method: 'GET',
      path: '/roles/:id',
      permission: 'roles:read',
      summary: 'One role',
      params: idParams,
      response: roleView,
      cli: { args: ['id'] },
      handler: ({ params }) => this.roles.get(params.id),
    })
  }

  #writes(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'roles.create',
      method: 'POST',
      path: '/roles',
      permission: 'roles:write',
      summary: 'Add a role',
      body: object<RoleInput>({ name: label.required(), description, permissions: permissionList.required() }),
      response: roleView,
      status: 201,
      audit: false,
      cli: { args: ['name'] },
      handler: ({ actor, body }) => this.roles.create(actor, body),
    })
    registry.add('kernel', {
      operation: 'roles.update',
      method: 'PATCH',
      path: '/roles/:id',
      permission: 'roles:write',
      summary: 'Change name, description or permissions of a role',
      params: idParams,
      body: object<Partial<RoleInput>>({ name: label, description, permissions: permissionList }),
      response: roleView,
      audit: false,
      cli: { args: ['id'] },
      handler: ({ actor, params, body }) => this.roles.update(actor, params.id, body),
    })
    registry.add('kernel', {
      operation: 'roles.delete',
      method: 'DELETE',
      path: '/roles/:id',
      permission: 'roles:write',
      summary: 'Remove a role that nobody holds',
      params: idParams,
      status: 204,
      audit: false,
      cli: { args: ['id'] },
      handler: async ({ actor, params }) => {
        await this.roles.remove(actor, params.id)
        return undefined
      },
    })
  }
}
