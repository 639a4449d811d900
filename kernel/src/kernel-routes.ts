import type { InjectionToken } from 'tsyringe'
import { AuditRoutes } from './audit/audit.routes.js'
import { ApiTokensRoutes } from './auth/api-tokens.routes.js'
import { OwnFactsRoutes } from './auth/own-facts.routes.js'
import { OwnSignInRoutes } from './auth/own-sign-in.routes.js'
import { PreferencesRoutes } from './auth/preferences.routes.js'
import { SignInRoutes } from './auth/sign-in.routes.js'
import { ChangeRoutes } from './changes/changes.routes.js'
import { HealthRoutes } from './health/health.routes.js'
import { ServerRoutes } from './health/server.routes.js'
import { EventsRoutes } from './http/events.routes.js'
import { OpenApiRoutes } from './http/openapi.routes.js'
import { OperationsRoutes } from './http/operations.routes.js'
import type { RouteRegistry } from './http/route-registry.js'
import { ShellRoutes } from './http/shell.routes.js'
import { TicketsRoutes } from './http/tickets.routes.js'
import { JobRoutes } from './jobs/jobs.routes.js'
import { ScheduleRoutes } from './jobs/schedules.routes.js'
import { NotificationsRoutes } from './notifications/notifications.routes.js'
import { OverviewRoutes } from './overview/overview.routes.js'
import { PluginsRoutes } from './plugins/plugins.routes.js'
import { AccountsRoutes } from './rbac/accounts.routes.js'
import { RolesRoutes } from './rbac/roles.routes.js'
import { UsersRoutes } from './rbac/users.routes.js'
import { SettingsRoutes } from './settings/settings.routes.js'

export interface AreaRoutes {
  register(registry: RouteRegistry): void
}

/** The routes of every area. */
export const kernelRoutes: readonly InjectionToken<AreaRoutes>[] = [
  AuditRoutes,
  ApiTokensRoutes,
  OwnSignInRoutes,
  PreferencesRoutes,
  OwnFactsRoutes,
  SignInRoutes,
  ChangeRoutes,
  HealthRoutes,
  ServerRoutes,
  EventsRoutes,
  OpenApiRoutes,
  OperationsRoutes,
  ShellRoutes,
  TicketsRoutes,
  JobRoutes,
  ScheduleRoutes,
  NotificationsRoutes,
  OverviewRoutes,
  PluginsRoutes,
  AccountsRoutes,
  RolesRoutes,
  UsersRoutes,
  SettingsRoutes,
]
