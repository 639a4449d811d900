import type { Actor } from './actor.js'
import type { RouteDefinition, StreamDefinition } from './http.js'
import type { JobDefinition, JobState, Message } from './jobs.js'
import type { NotificationInput, PageContribution, SlotContribution } from './plugin.js'
import { defineHook, defineSlot } from './tokens.js'

/**
 * Everything the kernel lets a plugin take part in. `http.routes`, `jobs.types` and `ui.panels` are read at once when
 * they are tapped, so their taps answer synchronously; `ctx.http`, `ctx.jobs` and `ctx.ui` are the convenient way there.
 */
export const kernelHooks = Object.freeze({
  lifecycle: Object.freeze({
    starting: defineHook<[plugin: PluginIdentity]>('lifecycle.starting', 'observe'),
    started: defineHook<[plugin: PluginIdentity]>('lifecycle.started', 'observe'),
    stopping: defineHook<[plugin: PluginIdentity]>('lifecycle.stopping', 'observe'),
    stopped: defineHook<[plugin: PluginIdentity]>('lifecycle.stopped', 'observe'),
    failed: defineHook<[plugin: PluginIdentity, why: Message]>('lifecycle.failed', 'observe'),
  }),
  http: Object.freeze({ routes: defineHook<[], HttpContribution>('http.routes', 'collect') }),
  jobs: Object.freeze({
    types: defineHook<[], JobContribution>('jobs.types', 'collect'),
    finished: defineHook<[job: FinishedJob]>('jobs.finished', 'observe'),
  }),
  ui: Object.freeze({ panels: defineHook<[], PanelContribution>('ui.panels', 'collect') }),
  audit: Object.freeze({ recorded: defineHook<[entry: RecordedEntry]>('audit.recorded', 'observe') }),
  health: Object.freeze({ check: defineHook<[], HealthReport>('health.check', 'collect') }),
  dashboard: Object.freeze({ cards: defineHook<[], DashboardCard | null>('dashboard.cards', 'collect') }),
  search: Object.freeze({ results: defineHook<[query: string], readonly SearchResult[]>('search.results', 'collect') }),
  notifications: Object.freeze({ channels: defineHook<[notification: Notice]>('notifications.channels', 'observe') }),
})

/** Places in the shell's own pages that plugins fill with `ctx.ui.fill`. */
export const kernelSlots = Object.freeze({
  dashboard: Object.freeze({ cards: defineSlot('dashboard.cards') }),
  onboarding: Object.freeze({ steps: defineSlot('onboarding.steps') }),
  account: Object.freeze({ sections: defineSlot('account.sections') }),
})

export interface PluginIdentity {
  readonly id: string
  readonly version: string
}

export type HttpContribution = { readonly route: RouteDefinition } | { readonly stream: StreamDefinition }

export interface JobContribution {
  readonly definition: JobDefinition<unknown, unknown, unknown>
  readonly deps: unknown
}

export type PanelContribution =
  | { readonly page: PageContribution }
  | { readonly slot: string; readonly contribution: SlotContribution }

export interface FinishedJob {
  readonly id: string
  readonly type: string
  readonly state: JobState
  readonly actor: Pick<Actor, 'kind' | 'id' | 'name'>
  readonly problem?: { readonly code: string; readonly params: Readonly<Record<string, unknown>> }
}

export interface RecordedEntry {
  readonly actor: Pick<Actor, 'kind' | 'id' | 'name'>
  readonly action: string
  readonly target?: string
  readonly outcome: 'success' | 'failure' | 'refused'
}

export interface HealthReport {
  /** `<plugin>.<what>`. */
  readonly name: string
  readonly status: 'ok' | 'degraded' | 'failed'
  /** What was found; a text of the plugin's own catalogue, as all messages are. */
  readonly detail?: Message
  /** What to do about it; worth giving unless all is well. */
  readonly remedy?: Message
}

export type DashboardTone = 'neutral' | 'success' | 'warning' | 'danger'

/**
 * What a plugin shows of itself on the overview, in data alone: it costs the reader's browser no bundle and no request. What
 * needs an element of its own fills the slot `dashboard.cards`. Null where the actor may see nothing of it.
 */
export interface DashboardCard {
  readonly title: Message
  readonly icon: string
  /** Path of the page in the shell that tells more. */
  readonly href: string
  /** Large numbers, at most four. */
  readonly figures?: readonly { readonly label: Message; readonly value: number; readonly tone?: DashboardTone }[]
  /** What is worth a line, at most six. */
  readonly rows?: readonly {
    readonly text: string
    readonly href?: string
    readonly detail?: Message
    readonly tone?: DashboardTone
  }[]
  /** What to do next, where there is nothing yet. */
  readonly action?: { readonly label: Message; readonly href: string }
}

export interface SearchResult {
  readonly title: string
  /** Path in the shell. */
  readonly href: string
  readonly kind: Message
}

/** A notification as its channels see it. */
export interface Notice extends NotificationInput {
  readonly id: string
  readonly plugin: string
  /** ISO 8601 UTC. */
  readonly at: string
}
