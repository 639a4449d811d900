import type { Actor, Knex, Page } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { literal, whereBelow } from '../state/below.js'
import { State } from '../state/state.js'
import { JobNotFound } from './errors.js'
import type { JobRow, LogRow, StepRow } from './job-row.js'

export interface JobFilter {
  readonly state?: string
  /** Also those below it: `sites` is `sites.create`, too. */
  readonly type?: string
  readonly resource?: string
  /** Only what the actor asked for. */
  readonly mine?: boolean
  /** In what the job is called, or its id. */
  readonly q?: string
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
    if (filter.type) whereBelow(query, 'type', filter.type)
    if (filter.mine) query.where('actor_id', actor.userId ?? actor.id)
    if (filter.q) this.#search(query, filter.q)
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

  /** The values that fill a title in are in its text; how many jobs are kept is bounded. */
  #search(query: Knex.QueryBuilder, q: string): void {
    const pattern = `%${literal(q.toLowerCase())}%`
    query.where(any =>
      any.where('id', q.toLowerCase()).orWhereRaw("lower(title) like ? escape '\\'", [pattern]).orWhere('type', q),
    )
  }

  #scoped(actor: Actor): Knex.QueryBuilder {
    const query = this.state.knex('jobs').select('*')
    if (actor.admin) return query
    return query.where(own =>
      own.whereIn('account_id', [...actor.accounts]).orWhere('actor_id', actor.userId ?? actor.id),
    )
  }
}
