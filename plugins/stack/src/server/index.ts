import { definePlugin, kernelHooks, kernelSlots } from '@nusantara/sdk'
import { installComponents } from './jobs/install-components.js'
import { registerRoutes } from './routes.js'
import { Stack } from './stack.js'

export default definePlugin({
  start(ctx) {
    const stack = new Stack(ctx)
    ctx.jobs.define(installComponents, stack)
    registerRoutes(ctx, stack)
    ctx.hooks.tap(kernelHooks.dashboard.cards, ({ actor }) => stack.card(actor), { order: 60 })
    ctx.ui.page({
      path: '/stack',
      element: 'nusa-stack',
      permission: 'stack:read',
      nav: { title: { code: 'stack.nav' }, icon: 'cube', order: 60 },
    })
    ctx.ui.fill(kernelSlots.onboarding.steps, {
      element: 'nusa-stack-onboarding',
      permission: 'stack:install',
      title: { code: 'stack.nav' },
      order: 10,
    })
  },
})
