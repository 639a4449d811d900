import { definePlugin, kernelHooks, kernelSlots } from '@nusantara/sdk'
import { sitesService } from '../api.js'
import { applySites } from './jobs/apply-sites.js'
import { renewCertificates } from './jobs/certificate-renewal.js'
import { createSite } from './jobs/create-site.js'
import { deleteSite } from './jobs/delete-site.js'
import { SiteDeps } from './jobs/deps.js'
import { resumeSite, suspendSite, updateSite } from './jobs/update-site.js'
import { otherPanels, otherServers } from './neighbours.js'
import { searchSites, sitesCard } from './overview.js'
import { registerRoutes } from './routes/site-routes.js'
import { Sites } from './service.js'
import { siteSettings } from './settings.js'

export default definePlugin({
  start(ctx) {
    const deps = new SiteDeps(ctx, ctx.settings(siteSettings))
    const sites = new Sites(ctx, deps)
    ctx.jobs.define(createSite, deps)
    ctx.jobs.define(updateSite, deps)
    ctx.jobs.define(suspendSite, deps)
    ctx.jobs.define(resumeSite, deps)
    ctx.jobs.define(deleteSite, deps)
    ctx.jobs.define(applySites, deps)
    ctx.schedules.add({
      name: 'certificate',
      cron: '40 4 * * *',
      missed: 'run_once',
      wakes: false,
      run: (actor, signal) => renewCertificates(deps, sites, actor, signal),
    })
    registerRoutes(ctx, sites)
    ctx.services.provide(sitesService, sites)
    ctx.hooks.tap(kernelHooks.dashboard.cards, ({ actor }) => sitesCard(ctx, sites, actor), { order: 10 })
    // A sandbox shares neither ports nor configuration with them.
    if (ctx.host.profile === 'system') {
      ctx.hooks.tap(kernelHooks.health.check, () => otherPanels())
      ctx.hooks.tap(kernelHooks.health.check, () => otherServers())
    }
    ctx.hooks.tap(kernelHooks.search.results, ({ actor }, q) => searchSites(sites, actor, q), { order: 10 })
    ctx.ui.page({
      path: '/sites',
      element: 'nusa-sites',
      permission: 'sites:read',
      nav: { title: { code: 'sites.nav' }, icon: 'globe', order: 10, shortcut: 's' },
    })
    ctx.ui.page({
      path: '/sites/new',
      element: 'nusa-sites-new',
      permission: 'sites:write',
      command: { title: { code: 'sites.command.create' }, icon: 'plus' },
    })
    ctx.ui.fill(kernelSlots.onboarding.steps, {
      element: 'nusa-sites-onboarding',
      permission: 'sites:write',
      title: { code: 'sites.onboarding' },
      order: 20,
    })
    ctx.ui.page({ path: '/sites/:id', element: 'nusa-sites-detail', permission: 'sites:read' })
  },
})
