import { kernelHooks, type Message, type PanelContribution } from '@nusantara/sdk'
import type { Inventory } from '@nusantara/sdk/testing'
import type { DependencyContainer } from 'tsyringe'
import { Hooks } from '../hooks/hooks.js'
import { RouteRegistry } from '../http/route-registry.js'
import { UiRegistry } from '../http/ui-registry.js'
import { Catalogues } from '../i18n/catalogues.js'
import { JobTypes } from '../jobs/job-types.js'
import { Schedules } from '../jobs/schedules.js'
import { kernelScope } from '../plugins/facades.js'
import { Access } from '../rbac/access.js'
import { Services } from '../services/services.js'

/** Counts and names everything that is registered in a panel now. */
export function takeInventory(container: DependencyContainer): Inventory {
  const routes = container.resolve(RouteRegistry)
  const jobTypes = container.resolve(JobTypes)
  const catalogues = container.resolve(Catalogues)
  return {
    routes: routes.list().map(({ owner, operation, method, path, permission }) => {
      return { owner, operation, method, path, permission }
    }),
    streams: routes.streams().map(({ owner, topic, permission }) => ({ owner, topic, permission })),
    taps: container.resolve(Hooks).list(),
    jobs: jobTypes.names().flatMap(type => {
      const found = jobTypes.get(type)
      return found ? [{ type, owner: found.owner, title: found.definition.options.title ?? `job.${type}` }] : []
    }),
    schedules: container.resolve(Schedules).size,
    services: container.resolve(Services).size,
    panels: [
      ...container
        .resolve(Hooks)
        .taps(kernelHooks.ui.panels)
        .map(tap => describePanel(tap.plugin, tap.run(kernelScope()) as PanelContribution)),
      ...container
        .resolve(UiRegistry)
        .formParts.map(({ plugin, element, permission, title }) => described(plugin, element, permission, title)),
    ],
    permissions: container.resolve(Access).list(),
    catalogues: Object.fromEntries(
      ['en', 'id'].map(locale => [
        locale,
        Object.fromEntries(
          Object.entries(catalogues.all(locale)).map(([owner, messages]) => [owner, Object.keys(messages)]),
        ),
      ]),
    ),
    handles: countHandles(),
  }
}

type Panel = Inventory['panels'][number]

function describePanel(plugin: string, panel: PanelContribution): Panel {
  if ('page' in panel) return described(plugin, panel.page.element, panel.page.permission, panel.page.nav?.title)
  const { element, permission, title } = panel.contribution
  return described(plugin, element, permission, title)
}

function described(plugin: string, element: string, permission: string, title: Message | undefined): Panel {
  return { plugin, element, permission, titles: title ? [title.code] : [] }
}

function countHandles(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}
