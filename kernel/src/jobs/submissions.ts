import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Actor, type JobRef, newId, type Plan, type Submission, type SubmitOptions } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { AuditLog } from '../audit/audit-log.js'
import { canonical } from '../audit/canonical.js'
import { RouteRegistry } from '../http/route-registry.js'
import { Access } from '../rbac/access.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { IdempotencyConflict, PlanOutdated } from './errors.js'
import { Extensions } from './extensions.js'
import { HostIdentity } from './host-identity.js'
import { validateInput } from './input.js'
import { JobActors } from './job-actors.js'
import type { JobRow, StepRow } from './job-row.js'
import { JobStore } from './job-store.js'
import { type JobType, JobTypes, type ResolvedStep } from './job-types.js'
import { RunParts } from './run-parts.js'
import { splitInput } from './secrets.js'
import { planSteps } from './step-context.js'

type RequestOptions = {
  readonly id?: string
  readonly operation?: string
  readonly dryRun?: boolean
  readonly planHash?: string
  readonly idempotencyKey?: string
  readonly actor: Actor
}

/** One submission on its way: validated, its steps known. */
interface Draft {
  readonly type: JobType
  readonly steps: readonly ResolvedStep[]
  readonly jobId: string
  readonly request: RequestOptions
  readonly options: SubmitOptions
  readonly operation: string
  readonly input: unknown
  readonly open: unknown
  readonly secret: Readonly<Record<string, unknown>>
  readonly generated: Readonly<Record<string, string>>
}

/** From an input to a plan, or to a queued job with its rows and its audit entry in one transaction. */
@scoped(Lifecycle.ContainerScoped)
export class Submissions {
  constructor(
    private readonly state: State,
    private readonly store: JobStore,
    private readonly types: JobTypes,
    private readonly extensions: Extensions,
    private readonly actors: JobActors,
    private readonly access: Access,
    private readonly routes: RouteRegistry,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
    private readonly host: HostIdentity,
    private readonly parts: RunParts,
  ) {}

  /** @throws Problem invalid_input, Forbidden, PlanOutdated, IdempotencyConflict, and what `insert` throws */
  async submit(type: JobType, input: unknown, options: SubmitOptions): Promise<Submission> {
    const draft = this.#draft(type, input, options)
    const { request } = draft
    if (request.dryRun) return { kind: 'planned', plan: await this.#plan(draft) }
    const repeated = await this.#repeated(draft)
    if (repeated) return repeated
    const plan = request.planHash ? await this.#plan(draft) : undefined
    if (plan && plan.hash !== request.planHash) throw PlanOutdated({ type: type.definition.options.type })
    try {
      await this.#insert(draft, plan)
    } catch (error) {
      // Another request with the same key came first, perhaps a moment ago.
      const first = await this.#repeated(draft)
      if (first) return first
      throw error
    }
    // An embedded store answers within the turn: whoever submits many in a row would else keep requests from theirs.
    await nextTurn()
    return accepted(draft.jobId, options.extra)
  }

  #draft(type: JobType, raw: unknown, options: SubmitOptions): Draft {
    const { definition } = type
    const input = validateInput(definition, this.extensions, raw)
    const request: RequestOptions = options.request
    // What a form would not show this actor, a request cannot ask for either.
    for (const permission of this.types.permissions(type, input)) this.access.require(request.actor, permission)
    return {
      type,
      steps: this.types.steps(type, input),
      jobId: newId(),
      request,
      options,
      operation: request.operation ?? definition.options.type,
      input,
      ...splitInput(input, definition.options.secrets),
      generated: options.generated ?? {},
    }
  }

  #plan({ type, steps, operation, open, generated, jobId, options, request, input }: Draft): Promise<Plan> {
    return planSteps(
      type,
      steps,
      { operation, input: open, generated },
      {
        jobId,
        resourceId: options.resourceId,
        actor: request.actor,
        input,
        signal: AbortSignal.timeout(type.timeoutMs),
        stepId: newId(),
      },
    )
  }

  /** The submission that used this idempotency key before. @throws IdempotencyConflict */
  async #repeated(draft: Draft): Promise<Submission | undefined> {
    const { request, operation } = draft
    if (!request.idempotencyKey) return undefined
    const row: JobRow | undefined = await this.state
      .knex('jobs')
      .where({ actor_id: subject(request.actor), operation, idempotency_key: request.idempotencyKey })
      .first()
    if (!row) return undefined
    const known = this.parts.seal(row.id).open(row.idempotency_digest ?? '')
    if (known !== digest(draft)) throw IdempotencyConflict({ key: request.idempotencyKey })
    return accepted(row.id, row.extra ? (JSON.parse(row.extra) as Record<string, unknown>) : undefined)
  }

  async #insert(draft: Draft, plan: Plan | undefined): Promise<void> {
    const { jobId, options, request, operation, open } = draft
    await this.state.transaction(async trx => {
      await options.insert?.(trx, ref(jobId))
      const row = this.#jobRow(draft, plan)
      if (options.resourceId && !options.accountId) {
        // The resource may be one that `insert` has just made.
        const resource = await trx('resources').where({ id: options.resourceId }).first('account_id')
        row.account_id = (resource as { account_id: string } | undefined)?.account_id ?? null
      }
      await this.store.insert(trx, row, this.#stepRows(draft))
      await this.audit.append(trx, {
        actor: request.actor,
        action: operation,
        target: options.resourceId,
        params: { job: jobId, input: open },
        outcome: 'success',
        requestId: request.id,
      })
    })
  }

  #jobRow(draft: Draft, plan: Plan | undefined): JobRow {
    const { type, jobId, options, request, operation, open, secret } = draft
    const { definition, owner } = type
    const { concurrency, title, version, type: name } = definition.options
    const seal = this.parts.seal(jobId)
    const permission = this.routes.list().find(route => route.operation === request.operation)?.permission
    const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value))
    return {
      id: jobId,
      type: name,
      version,
      owner,
      state: 'queued',
      direction: 'forward',
      outcome: null,
      operation,
      permission: permission ?? null,
      actor: this.actors.serialize(request.actor),
      actor_id: subject(request.actor),
      account_id: options.accountId ?? null,
      resource_id: options.resourceId ?? null,
      host_id: this.host.hostId,
      title: JSON.stringify({ code: title ?? `job.${name}`, params: titleParams(open) }),
      input: JSON.stringify(open),
      sealed: Object.keys(secret).length ? seal.seal(JSON.stringify(secret)) : null,
      generated: json(options.generated),
      extra: json(options.extra),
      plan: json(plan),
      plan_hash: request.planHash ?? null,
      keys: JSON.stringify([...new Set(concurrency?.(draft.input) ?? [])]),
      idempotency_key: request.idempotencyKey ?? null,
      idempotency_digest: request.idempotencyKey ? seal.seal(digest(draft)) : null,
      problem: null,
      cancel_requested: 0,
      not_before: options.notBefore === undefined ? null : new Date(options.notBefore).toISOString(),
      created_at: this.clock.now().toISOString(),
      started_at: null,
      finished_at: null,
      runner_id: null,
      lease_until: null,
      claim: 0,
      reveals: 0,
      revealed_at: null,
    }
  }

  #stepRows({ jobId, steps }: Draft): StepRow[] {
    return steps.map((step, position) => ({
      id: newId(),
      job_id: jobId,
      position,
      name: step.name,
      owner: step.owner,
      extension: step.extension ?? null,
      state: 'pending',
      attempt: 0,
      result: null,
      problem: null,
      started_at: null,
      finished_at: null,
      progress: null,
      progress_message: null,
    }))
  }
}

/** Whose idempotency keys and secrets these are: the person, by whatever session or token. */
function subject(actor: Actor): string {
  return actor.userId ?? actor.id
}

function ref(id: string): JobRef {
  return { id, href: `/api/v1/jobs/${id}` }
}

function accepted(id: string, extra?: Readonly<Record<string, unknown>>): Submission {
  return { kind: 'accepted', job: ref(id), ...(extra ? { extra } : {}) }
}

/** Over the whole input; values made for one submission count by their names. */
function digest({ input, generated }: Draft): string {
  let text = canonical(input)
  for (const [name, value] of Object.entries(generated)) text = text.replaceAll(value, `{${name}}`)
  return createHash('sha256').update(text).digest('hex')
}

/** What a title may be filled with: scalar fields, and lists of words as one text. */
function titleParams(input: unknown): Record<string, unknown> {
  if (input === null || typeof input !== 'object') return {}
  return Object.fromEntries(
    Object.entries(input).flatMap(([name, value]) => {
      if (['string', 'number', 'boolean'].includes(typeof value)) return [[name, value]]
      return isFewWords(value) ? [[name, value.join(', ')]] : []
    }),
  )
}

/** More than these are no title. */
function isFewWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= 20 && value.every(each => typeof each === 'string')
}
