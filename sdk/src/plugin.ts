import type { Knex } from 'knex'
import type { Actor, Scope } from './actor.js'
import type { PluginBroker } from './broker.js'
import type { ResourceRow, RouteDefinition, StreamDefinition } from './http.js'
import type { Message, PluginJobs } from './jobs.js'
import type { SettingsDefinition } from './settings.js'
import type {
  CollectHookToken,
  Contribution,
  EventToken,
  Extension,
  ExtensionToken,
  HookTap,
  HookToken,
  ServiceToken,
  SlotToken,
} from './tokens.js'

/** Version of the contract in this package; a manifest's `api` is a range that must hold it. */
export const apiVersion = '1.0.0'

/** `package.json` → `nusantara`. Validated without running code; unknown keys are refused. */
export interface PluginManifest {
  readonly id: string
  /** Semver range of the SDK contract, `^1`. */
  readonly api: string
  readonly displayName: Readonly<Record<string, string>>
  readonly description?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  /** Needs the panel to stay in memory (it samples, listens, watches). */
  readonly resident?: boolean
  /** Semver range of this plugin's versions whose data it can read. */
  readonly readsData?: string
  readonly permissions?: Readonly<Record<string, { readonly risk?: 'low' | 'high'; readonly user?: boolean }>>
  readonly capabilities: readonly ('http' | 'jobs' | 'ui' | 'db' | 'broker' | 'secrets' | 'events')[]
  /** Missing ones are named with their package, and the plugin still starts. */
  readonly conditions?: readonly { readonly command: string; readonly package: string }[]
  readonly entry: { readonly server: string; readonly ui?: string }
}

export interface PageContribution {
  /** Route in the shell, `/sites` or `/sites/:id`. */
  readonly path: string
  readonly element: string
  readonly permission: string
  /** Navigation entry; absent for pages reached from others. */
  readonly nav?: {
    readonly title: Message
    readonly icon: string
    readonly order?: number
    /** The letter that leads here after `g`; one that is taken does nothing. */
    readonly shortcut?: string
  }
  /** Offered in the command palette as something to do, "Create a site". */
  readonly command?: { readonly title: Message; readonly icon: string }
}

export interface SlotContribution {
  readonly element: string
  readonly permission: string
  readonly order?: number
  readonly title?: Message
}

export interface ScheduleDefinition {
  readonly name: string
  /** Five or six field cron expression. */
  readonly cron: string
  /** IANA zone. Default UTC. */
  readonly timezone?: string
  /** What to do about a run that was missed while the panel was down. */
  readonly missed: 'run_once' | 'skip'
  /** False: a panel that is away because nobody needs it is not started for it. Default true. */
  readonly wakes?: boolean
  /** What it does, in words. Default: the catalogue key `schedule.<plugin>.<name>`, if there is one. */
  readonly title?: Message
  /** The resource it serves: members of its account see the schedule. */
  readonly resourceId?: string
  /** Whoever holds it sees the schedule. Without it and without a resource only administrators do. */
  readonly permission?: string
  run(actor: Actor, signal: AbortSignal): Promise<void>
}

export interface NotificationInput {
  readonly code: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly severity: 'info' | 'warning' | 'critical'
  /** A user, an account, or every administrator. */
  readonly target: { readonly user: string } | { readonly account: string } | 'administrators'
  /** A second one with the same key updates the first. */
  readonly dedupeKey?: string
  /** Path of the page where it is looked at, `/sites/…`. */
  readonly link?: string
}

export interface PluginResources {
  /** Registers a row of the plugin below an account (and a parent resource). */
  create(
    trx: Knex.Transaction,
    resource: { readonly id: string; readonly type: string; readonly accountId: string; readonly parentId?: string },
  ): Promise<void>
  remove(trx: Knex.Transaction, id: string): Promise<void>
  /** Found and in scope, or null. */
  find(actor: Actor, type: string, id: string): Promise<ResourceRow | null>
  /** Restricts a query to the actor's scope: joins `resources` on the column. */
  scope<Q extends Knex.QueryBuilder>(query: Q, actor: Actor, idColumn: string): Q
  /** The account that new things of this actor belong to when none is named. */
  defaultAccount(actor: Actor): Promise<string>
}

export interface PluginContext {
  readonly id: string
  readonly host: {
    readonly profile: 'sandbox' | 'system'
    /** Of the panel itself, and of the public listeners. */
    readonly ports: { readonly panel: number; readonly http: number; readonly https: number }
    readonly panelHosts: readonly string[]
    /** The panel's own certificate as it shows it now, PEM: for a service of this machine that answers in its place. */
    certificate(): Promise<{ readonly certificate: string; readonly key: string }>
  }
  readonly http: {
    route<P, Q, B, R>(definition: RouteDefinition<P, Q, B, R>): void
    stream(definition: StreamDefinition): void
    /** Sends to everyone listening on the topic. */
    publish(topic: string, data: unknown): void
  }
  readonly jobs: PluginJobs
  readonly schedules: { add(schedule: ScheduleDefinition): void }
  readonly timers: {
    /** Both are cleared at stop. */
    setTimeout(run: () => void, ms: number): void
    setInterval(run: () => void, ms: number): void
  }
  readonly hooks: {
    tap<A extends readonly unknown[], R>(
      hook: HookToken<A, R>,
      tap: HookTap<A, R>,
      options?: { readonly order?: number },
    ): void
    /** Only the owner of a hook calls it. A `collect` hook answers with the list of what its taps returned. */
    call<A extends readonly unknown[], R>(hook: CollectHookToken<A, R>, scope: Scope, ...args: A): Promise<readonly R[]>
    call<A extends readonly unknown[], R>(hook: HookToken<A, R>, scope: Scope, ...args: A): Promise<R>
    /**
     * Calls a `sticky` hook about one resource. What each running plugin contributes comes fresh; for a plugin that is
     * disabled or failed, or whose tap fails now, its last kept contribution comes instead, marked `frozen`. Writes
     * nothing, so plans may call it.
     */
    contributions<A extends readonly unknown[], R>(
      hook: CollectHookToken<A, R>,
      scope: Scope,
      resource: string,
      ...args: A
    ): Promise<readonly Contribution<R>[]>
    /** Stores what was applied, in the transaction that records the apply; it replaces what was kept before. */
    keep<A extends readonly unknown[], R>(
      trx: Knex.Transaction,
      hook: CollectHookToken<A, R>,
      resource: string,
      contributions: readonly Contribution<R>[],
    ): Promise<void>
    /** Which resources hold a kept contribution: who loses something when a plugin's are removed. */
    kept<A extends readonly unknown[], R>(
      hook: CollectHookToken<A, R>,
      plugin?: string,
    ): Promise<readonly { readonly plugin: string; readonly resource: string }[]>
  }
  readonly services: {
    provide<T>(token: ServiceToken<T>, service: T): void
    /** Of a declared dependency. */
    require<T>(token: ServiceToken<T>): T
    /** Now or whenever it appears; `use` may return what to do when it goes. */
    when<T>(token: ServiceToken<T>, use: (service: T) => undefined | (() => void)): void
  }
  readonly events: {
    emit<T>(trx: Knex.Transaction, event: EventToken<T>, payload: T): Promise<void>
    on<T>(
      event: EventToken<T>,
      handler: (payload: T, meta: { readonly id: string; readonly at: string }) => Promise<void>,
    ): void
  }
  readonly extensions: {
    extend<T>(token: ExtensionToken<T>, extension: Extension): void
    /** What extends a token of this plugin now; the keys' schemas are merged into the route by the owner. */
    list<T>(token: ExtensionToken<T>): readonly (Extension & { readonly plugin: string })[]
  }
  readonly ui: {
    page(page: PageContribution): void
    fill(slot: SlotToken, contribution: SlotContribution): void
  }
  readonly db: {
    readonly knex: Knex
    readonly dialect: 'sqlite' | 'postgres'
    transaction<T>(run: (trx: Knex.Transaction) => Promise<T>): Promise<T>
  }
  readonly broker: PluginBroker
  settings<T>(definition: SettingsDefinition<T>): {
    get(account?: string): Promise<T>
    onChange(listener: (values: T) => void): void
  }
  readonly secrets: {
    put(name: string, value: string): Promise<void>
    get(name: string): Promise<string | null>
    remove(name: string): Promise<void>
  }
  readonly resources: PluginResources
  notify(notification: NotificationInput): Promise<void>
  readonly audit: {
    record(
      trx: Knex.Transaction,
      entry: {
        readonly actor: Actor
        readonly action: string
        readonly target?: string
        readonly params?: unknown
        readonly outcome: 'success' | 'failure' | 'refused'
      },
    ): Promise<void>
  }
  readonly log: Logger
  readonly signal: AbortSignal
  onStop(dispose: () => void | Promise<void>): void
}

export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface PluginDefinition {
  start(context: PluginContext): Promise<void> | void
}

/** The server entry's default export. */
export function definePlugin(definition: PluginDefinition): PluginDefinition {
  return Object.freeze(definition)
}
