import {
  type Actor,
  type ChangeResult,
  type Directive,
  defineEvent,
  defineExtension,
  defineHook,
  defineService,
  defineSlot,
  type PlanPart,
  type TenantId,
} from '@nusantara/sdk'

/** What the site runs. The same form in input, storage and answers. */
export type Runtime = StaticRuntime | PhpRuntime | ProxyRuntime | RedirectRuntime | PanelRuntime

export interface StaticRuntime {
  readonly type: 'static'
}

export interface PhpRuntime {
  readonly type: 'php'
  /** An installed PHP-FPM version, `8.4`. In input: absent means the one that the site has, else the newest. */
  readonly version: string
  /** Values of the allowlist that `GET /sites/runtimes` answers with, `{"memory_limit": "256M"}`. */
  readonly settings: Readonly<Record<string, string>>
  /** Most PHP processes at once; they start on demand and leave when idle. */
  readonly processes: number
}

export interface ProxyRuntime {
  readonly type: 'proxy'
  /**
   * `unix:app.sock` below the site's run directory, `http://127.0.0.1:3000` or `http://[::1]:3000` on a port that is
   * granted to owners (administrators: any port and any machine).
   */
  readonly target: string
  /** Seconds an answer (or a quiet WebSocket) may take. */
  readonly timeout: number
}

export interface RedirectRuntime {
  readonly type: 'redirect'
  /** Absolute http(s) URL. */
  readonly target: string
  readonly status: 301 | 302 | 307 | 308
  /** Whether the path and query asked for are added to the target. */
  readonly keepPath: boolean
}

/** The panel itself, over HTTPS. Only administrators publish it, and only they change or delete such a site. */
export interface PanelRuntime {
  readonly type: 'panel'
}

/**
 * `pending`: being created. `deleting`: being deleted, or an earlier deletion took its tenant and then failed, so that
 * deleting it once more is all that is left. What else happens to it is in its jobs.
 */
export type SiteState = 'pending' | 'active' | 'deleting'

/** With whose rights something was decided. What an administrator decided, the owner of a site cannot undo. */
export type Authority = 'owner' | 'administrator'

/** Who suspended a site. What an administrator suspended only administrators resume, rename or delete. */
export interface Suspension {
  readonly by: Authority
  /** ISO 8601 UTC. */
  readonly at: string
  readonly reason?: string
}

/** Something about a site that asks for attention although it works; `notice.sites.<code>` in the catalogues. */
export interface SiteNotice {
  /** `proxy_port`: its owner chose a port that is not, or no longer, granted to owners. It stays until it is changed. */
  readonly code: 'proxy_port'
  readonly params: { readonly port: number }
}

/** What a person decides about a site; everything else follows from it. */
export interface SiteSpec {
  /** Primary name, ASCII (A-labels). */
  readonly domain: string
  /** Further names, ASCII; one may be a wildcard, `*.example.test`. */
  readonly aliases: readonly string[]
  readonly runtime: Runtime
  /** Below the site's own root, `public`. */
  readonly documentRoot: string
  /** Files answered for a directory, in order. */
  readonly index: readonly string[]
  /** HTTP status → path on the site, `{"404": "/404.html"}`. */
  readonly errorPages: Readonly<Record<string, string>>
  /** Largest request body, `64m`. */
  readonly uploadLimit: string
  /** Further directives of an administrator, nginx syntax, parsed and allowlisted. */
  readonly directives: string
  readonly suspended: boolean
}

/** A site as routes, the service and hooks give it. */
export interface Site extends SiteSpec {
  readonly id: string
  readonly tenant: TenantId
  readonly accountId: string
  readonly state: SiteState
  /** While `pending` or `deleting`: the job that creates or deletes it. */
  readonly job?: string
  /** While suspended. */
  readonly suspension?: Suspension
  /** Who chose the target of a proxied site; absent where it was chosen before this was recorded. */
  readonly proxyTargetBy?: Authority
  /** In answers of the API, when there is any. */
  readonly notices?: readonly SiteNotice[]
  /** The domain as people read it, `bücher.example`. */
  readonly unicodeDomain: string
  /** ISO 8601 UTC. */
  readonly createdAt: string
  readonly updatedAt: string
}

/** `GET /sites/runtimes`: what this host can run and what may be set. */
export interface Runtimes {
  /** Installed PHP-FPM versions, newest first. */
  readonly php: readonly string[]
  readonly phpSettings: readonly {
    readonly name: string
    readonly kind: 'size' | 'integer' | 'boolean' | 'choice' | 'timezone'
    readonly default: string
    readonly choices?: readonly string[]
    readonly min?: number
    readonly max?: number
  }[]
  readonly redirectStatuses: readonly number[]
  readonly proxy: {
    /** Whether whoever asks may proxy to other machines and to every port. */
    readonly anyTarget: boolean
    /** Loopback ports that are granted to owners of sites, `3000-3999, 8000`; empty: none. */
    readonly ports: string
  }
  /** Whether whoever asks may publish the panel itself. */
  readonly panel: boolean
  readonly ports: { readonly http: number; readonly https: number }
  readonly defaults: { readonly documentRoot: string; readonly index: readonly string[]; readonly uploadLimit: string }
}

/** `GET /sites/:id/logs`: the end of one log, control characters removed. */
export interface SiteLog {
  readonly log: LogName
  readonly lines: readonly string[]
  /** True when the file holds older lines than these. */
  readonly truncated: boolean
  /** Bytes of the whole file. */
  readonly size: number
}

export type LogName = 'access' | 'error' | 'php'

/** What a tap of {@link vhostHook} sees: the site, and the tree that this plugin made for it. */
export interface VhostDraft {
  readonly site: Site
  readonly tree: readonly Directive[]
}

/** What a plugin adds to a site's web server file. Judged by the same grammar as everything else in it. */
export interface VhostContribution {
  /**
   * Added to the site's server block, such as `listen https ssl`. Of a site that publishes the panel, a listener with `ssl`
   * takes the place of this plugin's own, and brings its certificate.
   */
  readonly server?: readonly Directive[]
  /**
   * With it plain HTTP gets a server block of its own (same names) that holds these directives instead of the site,
   * such as a redirect to HTTPS; the site itself then listens only where contributions say.
   */
  readonly plain?: readonly Directive[]
  /** Added to every server block of the site, also to one that only redirects, before everything else in it. */
  readonly everywhere?: readonly Directive[]
  /** The site over TLS. Of several contributions the first one counts. */
  readonly tls?: SiteTls
}

/** How a site is served over TLS. */
export interface SiteTls {
  /** The certificate with its chain, leaf first: DER in base64. */
  readonly chain: readonly string[]
  /** The certificate's key: its name in the broker's keeping. */
  readonly key: string
  /**
   * Names of the site that answer over TLS. After a change each of them must present this certificate, or the change is
   * taken back. The others go on over plain HTTP alone.
   */
  readonly names: readonly string[]
  /** TLS 1.3 alone: who cannot speak it gets no certificate. */
  readonly modern: boolean
  /** Plain HTTP leads these names to HTTPS. */
  readonly redirect: boolean
  /** Name and value of headers of every answer over TLS, such as `Strict-Transport-Security`. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/**
 * Extends the web server configuration of every site. Sticky: what a plugin contributed last goes on being rendered
 * while it is disabled. Taps are pure: plans call them too.
 */
export const vhostHook = defineHook<[draft: VhostDraft], VhostContribution>('sites.vhost', 'collect', { sticky: true })

/** A site answers for the first time. Emitted in the transaction that makes it `active`. */
export const siteCreated = defineEvent<{ readonly site: Site }>('sites.created')
/** Something in {@link SiteSpec} changed and is in force. */
export const siteChanged = defineEvent<{ readonly site: Site; readonly before: SiteSpec }>('sites.changed')
/** The site is gone; with `keptFiles` its files are in the attic of the state directory. */
export const siteDeleted = defineEvent<{ readonly site: Site; readonly keptFiles: boolean }>('sites.deleted')

/** Reading sites from another plugin. Scoped like the API: not found and not yours are the same answer, null. */
export interface SitesService {
  get(actor: Actor, id: string): Promise<Site | null>
  /** The site that claims the name (exactly, or by a wildcard alias). */
  byName(actor: Actor, name: string): Promise<Site | null>
  byTenant(actor: Actor, tenant: string): Promise<Site | null>
  /** Ordered by domain; `after` is the last domain of the page before. */
  list(actor: Actor, page?: { readonly after?: string; readonly limit?: number }): Promise<readonly Site[]>
  /**
   * What writing the site again would change, with `value` in place of what the plugin's tap answers now; null when nothing
   * would. For a plan of a job step of that plugin.
   */
  planContribution(call: SiteCall, offer: SiteOffer): Promise<PlanPart | null>
  /**
   * Writes it and verifies it, or leaves everything as it was and throws; keeps the contribution as the one in force.
   * Idempotent by `changeId` and `attempt`, as a step that is replayed needs it. The caller's job must hold the key
   * `sites:<id>`, so that no other change of the site comes in between.
   */
  applyContribution(
    call: SiteCall & { readonly changeId: string; readonly attempt: number },
    offer: SiteOffer,
  ): Promise<ChangeResult>
  /** Queues an update that changes nothing but renders again: after what {@link vhostHook} answers has changed. */
  render(actor: Actor, id: string): Promise<{ readonly jobId: string }>
}

export interface SiteCall {
  readonly actor: Actor
  readonly jobId?: string
  readonly signal: AbortSignal
}

/** A contribution to one site's web server file that is tried out. */
export interface SiteOffer {
  readonly site: string
  readonly plugin: string
  readonly value: VhostContribution
}

export const sitesService = defineService<SitesService>('sites.read')

/** Tabs of the page of one site; the element gets `siteId`. */
export const siteTabs = defineSlot('sites.tabs')
/** Cards on the overview of one site; the element gets `siteId`. */
export const siteCards = defineSlot('sites.cards')
/** Actions in a row of the list; the element gets `siteId`. */
export const siteRowActions = defineSlot('sites.rowActions')

/** What steps of extending plugins get beside their own `input.extensions[key]`: the whole input of `sites.create`. */
export interface CreateSiteHost {
  readonly id: string
  readonly tenant: TenantId
  readonly accountId: string
  readonly spec: SiteSpec
}

/** "Create site" asks for more: a certificate, a database. Steps run after the site answers. */
export const createExtension = defineExtension<CreateSiteHost>('sites.create')
