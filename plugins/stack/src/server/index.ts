import { definePlugin } from '@nusantara/sdk'
import { installComponent } from './jobs/install-component.js'
import { registerRoutes } from './routes.js'
import { Stack } from './stack.js'

export default definePlugin({
  start(ctx) {
    const stack = new Stack(ctx)
    ctx.jobs.define(installComponent, stack)
    registerRoutes(ctx, stack)
    ctx.ui.page({
      path: '/stack',
      element: 'nusa-stack',
      permission: 'stack:read',
      nav: { title: { code: 'stack.nav' }, icon: 'cube', order: 60 },
    })
  },
})
