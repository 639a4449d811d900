import type {
  FinishedJob,
  JobDefinition,
  JobState,
  Knex,
  PluginBroker,
  Submission,
  SubmitOptions,
} from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { JobTypeUnknown } from './errors.js'
import { JobEvents } from './job-events.js'
import { type AnyDefinition, JobTypes } from './job-types.js'
import { Runner } from './runner.js'
import { Submissions } from './submissions.js'

/** Long and changing work: defined by plugins, submitted by their routes, run here. */
@scoped(Lifecycle.ContainerScoped)
export class Jobs {
  constructor(
    private readonly types: JobTypes,
    private readonly submissions: Submissions,
    private readonly runner: Runner,
    private readonly events: JobEvents,
  ) {}

  /**
   * Makes a type known; its queued jobs run from now on. The disposer makes it unknown again: its jobs wait.
   * @param options.broker what the steps get as `context.broker`; without it every call of theirs is refused
   */
  define<I, Deps, D>(
    owner: string,
    definition: JobDefinition<I, Deps, D>,
    deps: Deps,
    options: { readonly broker?: PluginBroker } = {},
  ): () => void {
    const dispose = this.types.define(owner, definition as unknown as AnyDefinition, deps, options.broker)
    this.runner.reconsider()
    return dispose
  }

  /**
   * A dry run answers with the plan; else the job is queued together with the owner's rows and the audit entry.
   * @throws Problem invalid_input, PlanOutdated, IdempotencyConflict, JobTypeUnknown
   */
  async submit<I, Deps, D>(
    owner: string,
    definition: JobDefinition<I, Deps, D>,
    input: I,
    options: SubmitOptions,
  ): Promise<Submission> {
    const { type: name } = definition.options
    const type = this.types.get(name)
    if (!type || type.owner !== owner) throw JobTypeUnknown({ type: name })
    const submission = await this.submissions.submit(type, input, options)
    this.runner.wake()
    return submission
  }

  /** Where a job of this owner stands; null when there is none of that id. */
  async state(owner: string, knex: Knex, id: string): Promise<JobState | null> {
    const row: { state: JobState } | undefined = await knex('jobs').where({ id, owner }).first('state')
    return row?.state ?? null
  }

  /** Called after each job that became terminal here. */
  onFinished(listener: (job: FinishedJob) => void | Promise<void>): () => void {
    return this.events.onFinished(listener)
  }

  /** Waits until no job runs code of this owner; those that ran go on when it is back. */
  drain(owner: string): Promise<void> {
    return this.runner.drain(owner)
  }

  /** Recovers what a dead process left, then runs. */
  start(): Promise<void> {
    return this.runner.start()
  }

  stop(): Promise<void> {
    return this.runner.stop()
  }
}
