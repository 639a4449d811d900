import { holds, Joi, object, type Page } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { RouteRegistry } from '../http/route-registry.js'
import { Access, type Permission } from '../rbac/access.js'
import { pageOf, permissionView } from '../rbac/schemas.js'
import { passwordMax, passwordMin, passwordMinWithTotp } from './passwords.js'
import { SecondFactor } from './second-factor.js'

interface PasswordRules {
  readonly min: number
  readonly minWithTotp: number
  readonly max: number
}

const passwordRules: PasswordRules = { min: passwordMin, minWithTotp: passwordMinWithTotp, max: passwordMax }

/** What a person has to know before they change something about their own sign-in. */
@scoped(Lifecycle.ContainerScoped)
export class OwnFactsRoutes {
  constructor(
    private readonly secondFactor: SecondFactor,
    private readonly access: Access,
  ) {}

  register(registry: RouteRegistry): void {
    this.#permissions(registry)
    registry.add('kernel', {
      operation: 'auth.passwordRules',
      method: 'GET',
      path: '/auth/password',
      permission: 'authenticated',
      summary: 'How many characters a new password has to have, alone and beside a second factor',
      response: object<PasswordRules>({
        min: Joi.number().integer().required(),
        minWithTotp: Joi.number().integer().required(),
        max: Joi.number().integer().required(),
      }),
      cli: false,
      handler: async () => passwordRules,
    })
    registry.add('kernel', {
      operation: 'auth.totp.state',
      method: 'GET',
      path: '/auth/totp',
      permission: 'authenticated',
      summary: 'Whether your second factor is on, and how many recovery codes are left',
      response: object<{ readonly active: boolean; readonly recoveryCodes: number }>({
        active: Joi.boolean().required(),
        recoveryCodes: Joi.number().integer().min(0).required(),
      }),
      cli: false,
      handler: ({ actor }) => this.secondFactor.describe(actor),
    })
  }

  #permissions(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'auth.permissions',
      method: 'GET',
      path: '/auth/permissions',
      permission: 'authenticated',
      summary: 'The permissions that you hold, and which are of high risk',
      response: pageOf(permissionView),
      cli: false,
      handler: async ({ actor }): Promise<Page<Permission>> => ({
        items: this.access.list().filter(({ name }) => holds(actor, name)),
      }),
    })
  }
}
