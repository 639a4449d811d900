import { definePlugin, Joi, object } from '@nusantara/sdk'

export default definePlugin({
  start(ctx) {
    ctx.http.route({
      operation: 'my-plugin.hello',
      method: 'GET',
      path: '/',
      permission: 'my-plugin:read',
      summary: 'Say hello',
      response: object<{ hello: string }>({ hello: Joi.string().required() }),
      handler: async ({ actor }) => ({ hello: actor.name }),
    })
  },
})
