import { Joi, object } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import type { RouteRegistry } from '../http/route-registry.js'
import { type Preference, Preferences } from './preferences.js'

const name = Joi.string()
  .pattern(/^[a-z][a-z0-9.-]*$/)
  .max(64)
  .required()
/** A word, a number, a switch, or a list of words; null forgets it. */
export const preferenceSchema = Joi.alternatives(
  Joi.string().max(256).allow(''),
  Joi.number(),
  Joi.boolean(),
  Joi.array().items(Joi.string().max(128)).max(100),
  Joi.valid(null),
)

/** `/auth/preferences`: each person's own. Nothing here is worth an entry in the audit log. */
@scoped(Lifecycle.ContainerScoped)
export class PreferencesRoutes {
  constructor(private readonly preferences: Preferences) {}

  register(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'auth.preferences',
      method: 'GET',
      path: '/auth/preferences',
      permission: 'authenticated',
      summary: 'How you like the panel',
      response: Joi.object().pattern(Joi.string(), preferenceSchema),
      cli: false,
      handler: ({ actor }) => this.preferences.list(actor),
    })
    registry.add('kernel', {
      operation: 'auth.preferences.set',
      method: 'PUT',
      path: '/auth/preferences/:name',
      permission: 'authenticated',
      summary: 'Remember how you like the panel; null forgets it',
      params: object<{ name: string }>({ name }),
      body: object<{ value: Preference | null }>({ value: preferenceSchema.required() }),
      status: 204,
      audit: false,
      cli: false,
      handler: async ({ actor, params, body }) => {
        await this.preferences.set(actor, params.name, body.value)
        return undefined
      },
    })
  }
}
