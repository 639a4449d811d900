import { siteCards, siteChanged, siteDeleted, siteTabs, vhostHook } from '@nusantara/plugin-sites/api'
import { definePlugin, kernelHooks, systemActor } from '@nusantara/sdk'
import { extendCreation } from './create-extension.js'
import { SslDeps } from './deps.js'
import { NameFollower } from './follow-names.js'
import { certificateHealth } from './health.js'
import { issueCertificate } from './jobs/issue.js'
import { rollOverKey } from './jobs/roll-over.js'
import { changePolicy, installUpload, removeTls, revokeCertificate, selfSign } from './jobs/serve.js'
import { ReadinessCheck } from './readiness-check.js'
import { Renewals } from './renewals.js'
import { registerAuthorityRoutes } from './routes/authority-routes.js'
import { registerSiteRoutes } from './routes/site-routes.js'
import { Ssl } from './service.js'
import { sslSettings } from './settings.js'
import { Warnings } from './warnings.js'

export default definePlugin({
  start(ctx) {
    const deps = new SslDeps(ctx, ctx.settings(sslSettings))
    const ssl = new Ssl(ctx, deps)
    const renewals = new Renewals(deps, ssl, new Warnings(deps))
    const follower = new NameFollower(deps, ssl)
    const ofSites = [changePolicy, installUpload, selfSign, removeTls, revokeCertificate]
    for (const job of [issueCertificate, ...ofSites, rollOverKey]) ctx.jobs.define(job as typeof issueCertificate, deps)
    registerAuthorityRoutes(ctx, deps)
    registerSiteRoutes(ctx, ssl, new ReadinessCheck(deps))
    ctx.hooks.tap(vhostHook, async (_scope, { site }) => {
      const stored = await deps.store.site(site.id)
      return deps.contribution(site, stored, await deps.served(stored))
    })
    ctx.events.on(siteChanged, ({ site, before }) => follower.changed(systemActor(ctx.id), site, before))
    ctx.events.on(siteDeleted, ({ site }) => deps.store.forget(site.id))
    extendCreation(ctx, deps, ssl)
    ctx.schedules.add({
      name: 'renewals',
      cron: '23 5,17 * * *',
      missed: 'run_once',
      run: (actor, signal) => renewals.look(actor, signal),
    })
    ctx.hooks.tap(kernelHooks.jobs.finished, async (_scope, { type, state }) => {
      if (type === issueCertificate.options.type && state === 'failed') await renewals.retry(systemActor(ctx.id))
    })
    ctx.hooks.tap(kernelHooks.health.check, () => certificateHealth(deps))
    ctx.ui.fill(siteCards, {
      element: 'nusa-ssl-card',
      permission: 'ssl:read',
      order: 10,
      title: { code: 'ssl.tab' },
    })
    ctx.ui.fill(siteTabs, { element: 'nusa-ssl-tab', permission: 'ssl:read', order: 10, title: { code: 'ssl.tab' } })
    ctx.ui.page({
      path: '/certificates',
      element: 'nusa-ssl',
      permission: 'ssl:read',
      nav: { title: { code: 'ssl.nav' }, icon: 'shield', order: 12, shortcut: 'l' },
    })
  },
})
