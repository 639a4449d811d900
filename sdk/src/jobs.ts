import type { Knex } from 'knex'
import type { Actor } from './actor.js'
import type { ChangePlan, PlannedFile, PluginBroker } from './broker.js'
import type { RouteRequest } from './http.js'
import type { Schema } from './schema.js'
import type { ExtensionToken } from './tokens.js'

export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'unknown'

/** What one step would do, shown before anything is done. */
export interface PlanPart {
  /** One sentence from the owner's catalogue, `{code, params}`. */
  readonly summary: Message
  readonly files?: readonly PlannedFile[]
  readonly operations?: readonly { readonly operation: string; readonly params?: unknown; readonly risk?: string }[]
  readonly packages?: readonly {
    readonly name: string
    readonly version?: string
    readonly action: 'install' | 'upgrade' | 'remove'
  }[]
  readonly services?: ChangePlan['services']
  /** True when part of the outcome is known only after apply; it is said so and not hashed. */
  readonly late?: boolean
}

/** A text in whatever language its reader has: a key of the plugin's catalogue and its values. */
export interface Message {
  readonly code: string
  readonly params?: Readonly<Record<string, unknown>>
}

export interface Plan {
  /** Over operation, input, steps and files, with generated values replaced by their names. */
  readonly hash: string
  readonly steps: readonly { readonly name: string; readonly summary: Message }[]
  readonly files: readonly {
    readonly path: string
    readonly action: string
    readonly diff: string
    readonly drift?: { readonly diff: string }
  }[]
  readonly operations: readonly { readonly operation: string; readonly params?: unknown; readonly risk?: string }[]
  readonly packages: readonly { readonly name: string; readonly version?: string; readonly action: string }[]
  readonly services: readonly { readonly service: string; readonly verb: string }[]
  readonly late: boolean
}

export interface StepContext<I, D, Deps> {
  readonly input: I
  /** Results of the steps before this one, by name. */
  readonly done: D
  readonly deps: Deps
  readonly actor: Actor
  readonly job: { readonly id: string; readonly attempt: number; readonly resourceId?: string }
  /** Aborted by cancel, timeout and drain. A step may finish its atomic part before it heeds it. */
  readonly signal: AbortSignal
  readonly broker: PluginBroker
  /** Identifier that stays the same when this step is replayed; use it as changeId. */
  readonly stepId: string
  log(line: string): void
  /** How far the step is, 0 to 1, and what it is at. Kept with the step, at most once a second; the last one stays. */
  progress(fraction: number, message?: Message): void
}

export interface StepDefinition<I, D, Deps, R> {
  /**
   * Reads only. Called for dry runs and again before `run` when the caller pinned a plan. Null: the step has nothing to
   * do, so the plan does not mention it.
   */
  plan?(context: StepContext<I, D, Deps>): Promise<PlanPart | null>
  /** Must be idempotent under `replay`: it may run again after a crash at any point. The result is stored as JSON. */
  run(context: StepContext<I, D, Deps>): Promise<R>
  /** Takes back what `run` did; idempotent; called in reverse order when a later step failed. `result` is absent when run did not finish. */
  undo?(context: StepContext<I, D, Deps> & { readonly result?: R }): Promise<void>
  /** After a crash in this step: run it again, or compensate everything. */
  readonly onCrash: 'replay' | 'compensate'
  /** Further tries after a failure that is not a Problem with status < 500. Default 0. */
  readonly retries?: number
}

export interface JobOptions<I> {
  /** `<plugin>.<what>`. */
  readonly type: string
  readonly version: number
  readonly input: Schema<I>
  /** Keys that no two running jobs share. */
  concurrency?(input: I): readonly string[]
  /** Whole job, `10m`. Default 10m. */
  readonly timeout?: string
  /** Catalogue key of the title, filled with the input's scalar fields and its lists of up to 20 words. Default `job.<type>`. */
  readonly title?: string
  /** Input fields that never reach log, audit or list answers. */
  readonly secrets?: readonly (keyof I & string)[]
}

export interface JobStep {
  readonly name: string
  readonly definition: StepDefinition<unknown, unknown, unknown, unknown>
}

export interface JobOutcome {
  readonly state: 'succeeded' | 'failed' | 'cancelled'
  readonly problem?: { readonly code: string; readonly params: Readonly<Record<string, unknown>> }
}

/** A saga: steps in order, undone in reverse. Immutable; each call returns a new definition. */
export class JobDefinition<I, Deps, D = Record<never, never>> {
  constructor(
    readonly options: JobOptions<I>,
    readonly steps: readonly JobStep[] = [],
    /** Extension points: steps of plugins that extend the token are inserted after the named number of own steps. */
    readonly extensions: readonly { readonly after: number; readonly token: ExtensionToken<unknown> }[] = [],
    readonly onSettled?: (
      trx: Knex.Transaction,
      context: { input: I; done: Partial<D>; deps: Deps; outcome: JobOutcome; actor: Actor; jobId: string },
    ) => Promise<void>,
  ) {}

  step<N extends string, R>(
    name: N,
    definition: StepDefinition<I, D, Deps, R>,
  ): JobDefinition<I, Deps, D & { readonly [K in N]: R }> {
    const step = { name, definition } as unknown as JobStep
    return new JobDefinition(this.options, [...this.steps, step], this.extensions, this.onSettled as never)
  }

  /** Inserts the steps of whoever extends `token` here. Their input is `input.extensions[key]`. */
  extend(token: ExtensionToken<never>): JobDefinition<I, Deps, D> {
    const point = { after: this.steps.length, token: token as unknown as ExtensionToken<unknown> }
    return new JobDefinition(this.options, this.steps, [...this.extensions, point], this.onSettled)
  }

  /** In the state transaction that makes the job terminal: bring the plugin's own rows in line. */
  settled(
    onSettled: (
      trx: Knex.Transaction,
      context: { input: I; done: Partial<D>; deps: Deps; outcome: JobOutcome; actor: Actor; jobId: string },
    ) => Promise<void>,
  ): JobDefinition<I, Deps, D> {
    return new JobDefinition(this.options, this.steps, this.extensions, onSettled)
  }
}

export function defineJob<I, Deps = undefined>(options: JobOptions<I>): JobDefinition<I, Deps> {
  return new JobDefinition<I, Deps>(options)
}

export interface JobRef {
  readonly id: string
  readonly href: string
}

/** What a changing route answers with: 202 and the job, or 200 and the plan. */
export type Submission =
  | { readonly kind: 'accepted'; readonly job: JobRef; readonly extra?: Readonly<Record<string, unknown>> }
  | { readonly kind: 'planned'; readonly plan: Plan }

export interface SubmitOptions {
  /** The route's request: actor, dry run, plan hash, idempotency key. Or an actor alone, for work that starts itself. */
  readonly request:
    | Pick<RouteRequest, 'actor' | 'dryRun' | 'planHash' | 'idempotencyKey' | 'operation'>
    | { readonly actor: Actor }
  readonly resourceId?: string
  readonly accountId?: string
  /** Values made for this submission alone (a tenant id): named in the plan's hash instead of their value. */
  readonly generated?: Readonly<Record<string, string>>
  /** Writes the plugin's own rows in the transaction that queues the job. Not called for a dry run. */
  insert?(trx: Knex.Transaction, job: JobRef): Promise<void>
  /** Further keys of the 202 answer, such as `{id}`. */
  readonly extra?: Readonly<Record<string, unknown>>
  /** Deliver later: epoch milliseconds. */
  readonly notBefore?: number
}

export interface PluginJobs {
  define<I, Deps, D>(definition: JobDefinition<I, Deps, D>, deps: Deps): void
  submit<I, Deps, D>(definition: JobDefinition<I, Deps, D>, input: I, options: SubmitOptions): Promise<Submission>
  /** Where a job of this plugin stands, as the transaction sees it; null when there is none of that id. */
  state(trx: Knex, id: string): Promise<JobState | null>
}

declare const revealed: unique symbol
/** A generated secret inside a step's result: sealed at rest, readable once by the actor within 10 minutes. */
export interface Reveal {
  readonly [revealed]?: never
  readonly $reveal: string
}

export function reveal(value: string): Reveal {
  return { $reveal: value } as Reveal
}
