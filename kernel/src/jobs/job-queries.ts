import type { Actor, Knex, Page } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { State } from '../state/state.js'
import { JobNotFound } from './errors.js'
import type { JobRow, LogRow, StepRow } from './job-row.js'

export interface JobFilter {
  readonly state?: string
  readonly type?: string
  readonly resource?: string
}

export type LogLine = Pick<LogRow, 'seq' | 'at' | 'step' | 'line'>

const logPage = 1000

/** Reads jobs within the actor's scope: administrators all, others those of their accounts and their own. */
@scoped(Lifecycle.ContainerScoped)
export class JobQueries {
  constructor(private readonly state: State) {}

  /** Newest first. `cursor` is the id of the last job of the page before. */
  async list(
    actor: Actor,
    filter: JobFilter,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<JobRow>> {
    const query = this.#scoped(actor)
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
    if (filter.state) query.where('state', filter.state)
    if (filter.type) query.where('type', filter.type)
    if (filter.resource) query.where('resource_id', filter.resource)
    if (page.cursor) query.where('id', '<', page.cursor)
    const rows: JobRow[] = await query
    const items = rows.slice(0, page.limit)
    const last = items.at(-1)
    return rows.length > page.limit && last ? { items, nextCursor: last.id } : { items }
  }

  /** @throws JobNotFound when there is none, or it is not the actor's to see */
  async get(actor: Actor, id: string): Promise<JobRow> {
    const row = await this.find(actor, id)
    if (!row) throw JobNotFound({ id })
    return row
  }

  async find(actor: Actor, id: string): Promise<JobRow | undefined> {
    return this.#scoped(actor).where({ id }).first()
  }

  async steps(id: string): Promise<StepRow[]> {
    return this.state.knex('job_steps').where({ job_id: id }).orderBy('position')
  }

  /** Lines after `after`, oldest first, at most 1,000. */
  async log(id: string, after: number): Promise<LogLine[]> {
    const rows: LogRow[] = await this.state
      .knex('job_log')
      .where({ job_id: id })
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(logPage)
    return rows.map(({ seq, at, step, line }) => ({ seq: Number(seq), at, step, line }))
  }

  #scoped(actor: Actor): Knex.QueryBuilder {
    const query = this.state.knex('jobs').select('*')
    if (actor.admin) return query
    return query.where(own =>
      own.whereIn('account_id', [...actor.accounts]).orWhere('actor_id', actor.userId ?? actor.id),
    )
  }
}
