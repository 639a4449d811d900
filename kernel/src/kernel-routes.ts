import type { InjectionToken } from 'tsyringe'
import type { RouteRegistry } from './http/route-registry.js'

export interface AreaRoutes {
  register(registry: RouteRegistry): void
}

/** The routes of every area, loaded side by side. */
export async function kernelRoutes(): Promise<InjectionToken<AreaRoutes>[]> {
  const areas = await Promise.all([
    import('./audit/audit.routes.js'),
    import('./auth/api-tokens.routes.js'),
    import('./auth/own-sign-in.routes.js'),
    import('./auth/sign-in.routes.js'),
    import('./changes/changes.routes.js'),
    import('./health/health.routes.js'),
    import('./http/events.routes.js'),
    import('./http/openapi.routes.js'),
    import('./http/operations.routes.js'),
    import('./http/shell.routes.js'),
    import('./http/tickets.routes.js'),
    import('./jobs/jobs.routes.js'),
    import('./jobs/schedules.routes.js'),
    import('./notifications/notifications.routes.js'),
    import('./plugins/plugins.routes.js'),
    import('./rbac/accounts.routes.js'),
    import('./rbac/roles.routes.js'),
    import('./rbac/users.routes.js'),
    import('./settings/settings.routes.js'),
  ])
  return areas.flatMap(area => Object.values<InjectionToken<AreaRoutes>>({ ...area }))
}
