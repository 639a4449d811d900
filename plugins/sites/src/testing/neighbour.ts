import { definePlugin, Joi, type Message, object } from '@nusantara/sdk'
import { createExtension, siteCreated, sitesService, vhostHook } from '../api.js'

const note: Message = { code: 'neighbour.note' }

/** Another plugin as its author would write it: adds a header to every site, asks for a note, and watches. */
export default definePlugin({
  start(ctx) {
    const sites = ctx.services.require(sitesService)
    ctx.hooks.tap(vhostHook, (_scope, { site }) => ({
      server: [{ name: 'add_header', args: ['X-Neighbour', site.domain, 'always'] }],
    }))
    ctx.extensions.extend(createExtension, {
      key: 'neighbour',
      schema: object<{ note: string }>({ note: Joi.string().max(20).required() }),
      steps: [
        {
          name: 'note',
          definition: {
            onCrash: 'replay',
            plan: async () => ({ summary: note }),
            run: async ({ input, actor, log }) => {
              log(JSON.stringify(input))
              return (await sites.list(actor)).length
            },
          },
        },
      ],
    })
    ctx.events.on(siteCreated, async ({ site }) => ctx.http.publish('neighbour', site.domain))
  },
})
