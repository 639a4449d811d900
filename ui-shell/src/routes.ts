import { matchPath, may, type PageEntry, shellInfo } from '@nusantara/sdk/ui'
import { type MessagePart, pageMessages } from './page-messages.js'

/** A page of the shell itself; loaded when it is first visited. */
export interface OwnPage {
  readonly path: string
  readonly element: string
  load(): Promise<unknown>
  /** What it asks for first, below `/api/v1`. */
  ahead?(): readonly string[]
  /** One of several is enough. */
  readonly permission?: string | readonly string[]
  readonly nav?: {
    readonly key: string
    readonly icon: string
    readonly order: number
    /** The letter that leads here after `g`. */
    readonly shortcut?: string
    /** Above what plugins contribute. */
    readonly first?: boolean
    /** Default: what is set up on the server itself. */
    readonly group?: NavGroup
  }
  /** Offers this page as something to do. */
  readonly command?: { readonly key: string; readonly icon: string }
}

/** Below what plugins contribute, in this order, each under its heading. */
export const navGroups = ['activity', 'server'] as const
export type NavGroup = (typeof navGroups)[number]

/** A page with the texts that belong to it. */
const withTexts = (parts: readonly MessagePart[], page: () => Promise<unknown>) => () =>
  Promise.all([page(), ...parts.map(pageMessages)])
const people = (page: () => Promise<unknown>) => withTexts(['people'], page)
const welcome = withTexts(['welcome', 'people'], () => import('./pages/welcome/welcome.js'))

export const ownPages: readonly OwnPage[] = [
  {
    path: '/overview',
    element: 'nusa-overview-page',
    load: () => import('./pages/overview.js'),
    ahead: () => [
      '/overview',
      ...(may('health:read') ? ['/health'] : []),
      ...(may('jobs:read') ? ['/jobs?limit=6'] : []),
    ],
    nav: { key: 'nav.overview', shortcut: 'o', icon: 'monitor', order: 0, first: true },
  },
  {
    path: '/jobs',
    element: 'nusa-jobs-page',
    load: () => import('./pages/jobs.js'),
    permission: 'jobs:read',
    nav: { key: 'nav.jobs', shortcut: 'j', icon: 'activity', order: 10, group: 'activity' },
  },
  { path: '/jobs/:id', element: 'nusa-job-page', load: () => import('./pages/job.js'), permission: 'jobs:read' },
  {
    path: '/schedules',
    element: 'nusa-schedules-page',
    load: () => import('./pages/schedules.js'),
    permission: 'jobs:read',
    nav: { key: 'nav.schedules', shortcut: 't', icon: 'clock', order: 12, group: 'activity' },
  },
  {
    path: '/changes',
    element: 'nusa-changes-page',
    load: () => import('./pages/changes.js'),
    permission: 'changes:read',
    nav: { key: 'nav.changes', shortcut: 'c', icon: 'history', order: 14, group: 'activity' },
  },
  {
    path: '/changes/:id',
    element: 'nusa-change-page',
    load: () => import('./pages/change.js'),
    permission: 'changes:read',
  },
  {
    path: '/drift',
    element: 'nusa-drift-page',
    load: () => import('./pages/drift.js'),
    permission: 'changes:read',
    nav: { key: 'nav.drift', shortcut: 'e', icon: 'edit', order: 15, group: 'activity' },
  },
  {
    path: '/audit',
    element: 'nusa-audit-page',
    load: () => import('./pages/audit.js'),
    permission: 'audit:read',
    nav: { key: 'nav.audit', shortcut: 'a', icon: 'file-text', order: 17, group: 'activity' },
  },
  {
    path: '/audit/verify',
    element: 'nusa-audit-verify-page',
    load: () => import('./pages/audit-verify.js'),
    permission: 'audit:read',
  },
  { path: '/notifications', element: 'nusa-notifications-page', load: () => import('./pages/notifications.js') },
  {
    path: '/health',
    element: 'nusa-health-page',
    load: () => import('./pages/health/health.js'),
    permission: 'health:read',
    nav: { key: 'nav.health', shortcut: 'h', icon: 'shield', order: 18 },
  },
  {
    path: '/plugins',
    element: 'nusa-plugins-page',
    load: () => import('./pages/plugins.js'),
    permission: 'plugins:read',
    nav: { key: 'nav.plugins', shortcut: 'p', icon: 'puzzle', order: 20 },
  },
  {
    path: '/plugins/:id',
    element: 'nusa-plugin-page',
    load: () => import('./pages/plugin.js'),
    permission: 'plugins:read',
  },
  {
    path: '/people',
    element: 'nusa-people-page',
    load: people(() => import('./pages/people/people.js')),
    permission: ['users:read', 'roles:read', 'accounts:write'],
    nav: { key: 'nav.people', shortcut: 'u', icon: 'users', order: 25 },
  },
  {
    path: '/people/new',
    element: 'nusa-user-new-page',
    load: people(() => import('./pages/people/user-new.js')),
    permission: 'users:write',
    command: { key: 'palette.new-user', icon: 'plus' },
  },
  {
    path: '/people/accounts/new',
    element: 'nusa-people-account-page',
    load: people(() => import('./pages/people/account.js')),
    permission: 'accounts:write',
  },
  {
    path: '/people/accounts/:id',
    element: 'nusa-people-account-page',
    load: people(() => import('./pages/people/account.js')),
    permission: 'accounts:read',
  },
  {
    path: '/people/roles/new',
    element: 'nusa-role-page',
    load: people(() => import('./pages/people/role.js')),
    permission: 'roles:write',
  },
  {
    path: '/people/roles/:id',
    element: 'nusa-role-page',
    load: people(() => import('./pages/people/role.js')),
    permission: 'roles:read',
  },
  {
    path: '/people/:id',
    element: 'nusa-user-page',
    load: people(() => import('./pages/people/user.js')),
    permission: 'users:read',
  },
  {
    path: '/settings',
    element: 'nusa-settings-page',
    load: withTexts(['settings'], () => import('./pages/settings/settings.js')),
    permission: 'settings:read',
    nav: { key: 'nav.settings', shortcut: ',', icon: 'settings', order: 30 },
  },
  { path: '/account', element: 'nusa-account-page', load: people(() => import('./pages/account.js')) },
  {
    path: '/welcome',
    element: 'nusa-welcome-page',
    load: welcome,
    permission: 'settings:write',
    command: { key: 'palette.welcome', icon: 'play' },
  },
  { path: '/welcome/:step', element: 'nusa-welcome-page', load: welcome, permission: 'settings:write' },
  {
    path: '/account/tokens/new',
    element: 'nusa-token-new-page',
    load: people(() => import('./pages/token-new.js')),
    permission: 'tokens:write',
    command: { key: 'palette.new-token', icon: 'key' },
  },
]

export function mayVisit({ permission = [] }: OwnPage): boolean {
  const any = [permission].flat()
  return any.length === 0 || any.some(may)
}

export interface OwnRoute {
  readonly kind: 'own'
  readonly page: OwnPage
  readonly params: Readonly<Record<string, string>>
}

export type Route =
  | OwnRoute
  | { readonly kind: 'plugin'; readonly page: PageEntry; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: 'missing' }

/** The page of a path. A literal path wins over one with parameters, `/sites/new` over `/sites/:id`. */
export function routeOf(path: string): Route {
  for (const page of ownPages) {
    const params = matchPath(page.path, path)
    if (params && mayVisit(page)) return { kind: 'own', page, params }
  }
  const pages = [...shellInfo().pages].sort((a, b) => a.path.split(':').length - b.path.split(':').length)
  for (const page of pages) {
    const params = matchPath(page.path, path)
    if (params) return { kind: 'plugin', page, params }
  }
  return { kind: 'missing' }
}

/** Where `/` leads. */
export const landing = '/overview'

/** Where whoever made the first administrator goes on. */
export const beginning = '/welcome'
