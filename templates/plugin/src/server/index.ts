import { definePlugin, Joi, object } from '@nusantara/sdk'

export default definePlugin({
  start(ctx) {
    ctx.http.route({
      operation: 'my-plugin.greet',
      method: 'GET',
      path: '/',
      permission: 'my-plugin:read',
      summary: 'Greet whoever asks',
      response: object<{ greeting: string }>({ greeting: Joi.string().required() }),
      handler: async ({ actor }) => ({ greeting: `Selamat datang, ${actor.name}` }),
    })
    ctx.ui.page({
      path: '/my-plugin',
      element: 'nusa-my-plugin',
      permission: 'my-plugin:read',
      nav: { title: { code: 'my-plugin.nav' }, icon: 'puzzle', order: 50 },
    })
  },
})
