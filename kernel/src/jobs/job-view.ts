import { Joi, type Message, object, type Plan, Problem, type Schema } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { ProblemDocuments } from '../http/problem-document.js'
import { Catalogues } from '../i18n/catalogues.js'
import { type JobRow, parsePlan, type StepRow, type StoredProblem } from './job-row.js'
import { Reveals } from './reveals.js'

export interface ProblemView extends StoredProblem {
  /** In the reader's language. */
  readonly message: string
  readonly detail: string
  readonly remedy?: string
}

export interface StepView {
  readonly name: string
  readonly owner: string
  readonly state: string
  readonly attempt: number
  readonly startedAt: string | null
  readonly finishedAt: string | null
  /** 0 to 1, as the attempt that runs or ran last said; null when it said nothing. */
  readonly progress: number | null
  /** What the step was at then, in the reader's language. */
  readonly progressMessage: (Message & { readonly text: string }) | null
  readonly problem: ProblemView | null
}

/** Times are ISO 8601 UTC. Inputs and results are not shown: they may hold what the reader should not see. */
export interface JobView {
  readonly id: string
  readonly type: string
  readonly owner: string
  readonly state: string
  readonly title: Message & { readonly text: string }
  readonly operation: string
  readonly actor: { readonly kind: string; readonly id: string; readonly name: string }
  readonly accountId: string | null
  readonly resourceId: string | null
  readonly cancelRequested: boolean
  readonly createdAt: string
  readonly startedAt: string | null
  readonly finishedAt: string | null
  readonly notBefore: string | null
  readonly problem: ProblemView | null
  readonly steps?: readonly StepView[]
  readonly plan?: Plan
  /** Until when the one read of the job's generated secrets is open. */
  readonly revealUntil?: string
}

export const problemSchema = object<ProblemView>({
  code: Joi.string().required(),
  params: Joi.object().unknown().required(),
  message: Joi.string().required(),
  detail: Joi.string().required(),
  remedy: Joi.string(),
}).allow(null)

const time = Joi.string().isoDate()

export const messageSchema = object<Message & { readonly text: string }>({
  code: Joi.string().required(),
  params: Joi.object().unknown().required(),
  text: Joi.string().required(),
})

const step = object<StepView>({
  name: Joi.string().required(),
  owner: Joi.string().required(),
  state: Joi.string().required(),
  attempt: Joi.number().required(),
  startedAt: time.allow(null).required(),
  finishedAt: time.allow(null).required(),
  progress: Joi.number().min(0).max(1).allow(null).required(),
  progressMessage: messageSchema.allow(null),
  problem: problemSchema,
})

const shared = {
  id: Joi.string().required(),
  type: Joi.string().required(),
  owner: Joi.string().required(),
  state: Joi.string().valid('queued', 'running', 'succeeded', 'failed', 'cancelled', 'unknown').required(),
  title: messageSchema,
  operation: Joi.string().required(),
  actor: object<JobView['actor']>({
    kind: Joi.string().required(),
    id: Joi.string().required(),
    name: Joi.string().required(),
  }),
  accountId: Joi.string().allow(null).required(),
  resourceId: Joi.string().allow(null).required(),
  cancelRequested: Joi.boolean().required(),
  createdAt: time.required(),
  startedAt: time.allow(null).required(),
  finishedAt: time.allow(null).required(),
  notBefore: time.allow(null).required(),
  problem: problemSchema,
}

export const jobSchema: Schema<JobView> = object<JobView>({
  ...shared,
  steps: Joi.array().items(step),
  plan: Joi.object().unknown(),
  revealUntil: time,
})

/** Words jobs for their readers. */
@scoped(Lifecycle.ContainerScoped)
export class JobViews {
  constructor(
    private readonly catalogues: Catalogues,
    private readonly problems: ProblemDocuments,
    private readonly reveals: Reveals,
  ) {}

  summary(row: JobRow, locale: string): JobView {
    const actor = JSON.parse(row.actor) as JobView['actor']
    return {
      id: row.id,
      type: row.type,
      owner: row.owner,
      state: row.state,
      title: this.message(row.title, locale),
      operation: row.operation,
      actor: { kind: actor.kind, id: actor.id, name: actor.name },
      accountId: row.account_id,
      resourceId: row.resource_id,
      cancelRequested: Boolean(Number(row.cancel_requested)),
      createdAt: row.created_at,
      startedAt: row.started_at,
      finishedAt: row.finished_at,
      notBefore: row.not_before,
      problem: this.problem(row.problem, locale),
    }
  }

  detail(row: JobRow, steps: readonly StepRow[], locale: string): JobView {
    const plan = parsePlan(row)
    const revealUntil = this.reveals.availableUntil(row)
    return {
      ...this.summary(row, locale),
      steps: steps.map(step => this.#step(step, locale)),
      ...(plan ? { plan } : {}),
      ...(revealUntil ? { revealUntil } : {}),
    }
  }

  #step(row: StepRow, locale: string): StepView {
    const { name, owner, state, attempt, started_at, finished_at, progress, progress_message, problem } = row
    return {
      ...{ name, owner, state, attempt, startedAt: started_at, finishedAt: finished_at, progress },
      progressMessage: progress_message ? this.message(progress_message, locale) : null,
      problem: this.problem(problem, locale),
    }
  }

  /** @param text a Message as JSON */
  message(text: string, locale: string): Required<Message> & { readonly text: string } {
    const { code, params = {} } = JSON.parse(text) as Message
    return { code, params, text: this.catalogues.format(locale, code, params) }
  }

  /** @param text a StoredProblem as JSON */
  problem(text: string | null, locale: string): ProblemView | null {
    if (!text) return null
    const { code, params } = JSON.parse(text) as StoredProblem
    const { message, detail, remedy } = this.problems.make(new Problem(code, 500, params), '', locale)
    return { code, params, message, detail, ...(remedy ? { remedy } : {}) }
  }
}
