import type { Actor } from './actor.js'
import type { Submission } from './jobs.js'
import type { Schema } from './schema.js'

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What a handler sees: validated values, never the HTTP library's objects. */
export interface RouteRequest<P = unknown, Q = unknown, B = unknown> {
  readonly id: string
  readonly operation: string
  readonly actor: Actor
  readonly params: P
  readonly query: Q
  readonly body: B
  /** Aborted when the client goes away or the server drains. */
  readonly signal: AbortSignal
  /** The resource named by the route's `resource`, already found and inside the actor's scope. */
  readonly resource?: ResourceRow
  /** `?dry_run=true` of a changing route. */
  readonly dryRun: boolean
  /** `Plan-Hash` header: apply exactly that plan. */
  readonly planHash?: string
  /** `Idempotency-Key` header. */
  readonly idempotencyKey?: string
}

export interface ResourceRow {
  readonly id: string
  readonly type: string
  readonly accountId: string
  readonly parentId: string | null
}

export interface RouteDefinition<P = unknown, Q = unknown, B = unknown, R = unknown> {
  /** `sites.create`; unique, names the operation in OpenAPI, CLI and audit. */
  readonly operation: string
  readonly method: HttpMethod
  /** Below `/api/v1/<plugin>` (or `/api/v1` for the kernel), `/:id`. */
  readonly path: string
  /** A declared permission; `authenticated` for any fully signed-in actor; `public` for all. */
  readonly permission: string
  /** The resource the route acts on: found by the parameter and scoped by the kernel; not found and not yours are the same answer. */
  readonly resource?: { readonly type: string; readonly param?: string }
  readonly summary: string
  readonly params?: Schema<P>
  readonly query?: Schema<Q>
  readonly body?: Schema<B>
  /** Schema of the answer; required unless the route only ever answers 202/204. */
  readonly response?: Schema<R>
  /** Success status. Default 200, 204 without a body, 202 for an accepted job. */
  readonly status?: number
  /** True when it submits a job: `dry_run`, `Plan-Hash` and `Idempotency-Key` are accepted and documented. */
  readonly change?: boolean
  /** Needs the X-CSRF-Token header with a session. Default: every method but GET. */
  readonly csrf?: boolean
  /** Bytes. Default 64 KiB. */
  readonly bodyLimit?: number
  /** Hints for the generated command. `false` hides it. */
  readonly cli?: false | CliHints
  /** Not recorded in the audit (reads are not by default, everything else is). */
  readonly audit?: boolean
  handler(request: RouteRequest<P, Q, B>): Promise<R | Submission | Page<unknown> | undefined>
}

/** How a route is written as a command, see the CLI's README. */
export interface CliHints {
  /** Positional arguments; the last may be a list of the body, which takes every further word. */
  readonly args?: readonly string[]
  /** Of an argument: the operation whose list's ids complete it, `{ user: 'users.list' }`. */
  readonly values?: Readonly<Record<string, string>>
  /** Other words than those of the operation. */
  readonly command?: string
  /** Of a list: the fields that are worth a column, most important first. */
  readonly columns?: readonly string[]
}

/** A page of a list: `?limit=&cursor=`. */
export interface Page<T> {
  readonly items: readonly T[]
  /** Opaque; absent on the last page. */
  readonly nextCursor?: string
  readonly total?: number
}

export interface StreamDefinition<P = unknown> {
  /** Topic pattern, `job:*`: who may listen, and what a listener gets first. */
  readonly topic: string
  readonly permission: string
  readonly resource?: { readonly type: string }
  authorize?(actor: Actor, topic: string): Promise<boolean>
  readonly __params?: P
}
