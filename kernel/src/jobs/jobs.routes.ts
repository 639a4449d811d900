import { Joi, object, type Submission } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import type { KernelRequest } from '../http/kernel-request.js'
import { RouteRegistry } from '../http/route-registry.js'
import { Access } from '../rbac/access.js'
import { type IdParams, idParams, pageOf } from '../rbac/schemas.js'
import { JobControl } from './job-control.js'
import { type JobFilter, JobQueries, type LogLine } from './job-queries.js'
import { JobViews, jobSchema } from './job-view.js'
import { Reveals } from './reveals.js'

interface ListQuery extends JobFilter {
  readonly limit: number
  readonly cursor?: string
}

const listQuery = object<ListQuery>({
  state: Joi.string().valid('queued', 'running', 'succeeded', 'failed', 'cancelled', 'unknown'),
  type: Joi.string().max(128),
  resource: Joi.string().max(128),
  mine: Joi.boolean(),
  q: Joi.string().max(128),
  limit: Joi.number().integer().min(1).max(200).default(50),
  cursor: Joi.string().guid(),
})

const logPage = object<{ items: readonly LogLine[] }>({
  items: Joi.array()
    .items(
      object<LogLine>({
        seq: Joi.number().required(),
        at: Joi.string().isoDate().required(),
        step: Joi.string().allow(null).required(),
        line: Joi.string().allow('').required(),
      }),
    )
    .required(),
})

const revealed = object<{ values: Record<string, string> }>({
  values: Joi.object().pattern(Joi.string(), Joi.string().allow('')).required(),
})

/** `/jobs`, and who may follow `job:<id>`. */
@scoped(Lifecycle.ContainerScoped)
export class JobRoutes {
  constructor(
    private readonly access: Access,
    private readonly queries: JobQueries,
    private readonly views: JobViews,
    private readonly control: JobControl,
    private readonly reveals: Reveals,
  ) {}

  register(registry: RouteRegistry): void {
    this.access.define('kernel', { 'jobs:read': { user: true }, 'jobs:write': { user: true } })
    registry.addStream('kernel', {
      topic: 'job:*',
      permission: 'jobs:read',
      authorize: async (actor, topic) => (await this.queries.find(actor, topic.slice('job:'.length))) !== undefined,
    })
    this.#reading(registry)
    this.#acting(registry)
  }

  #reading(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'jobs.list',
      method: 'GET',
      path: '/jobs',
      permission: 'jobs:read',
      summary: 'Jobs, newest first',
      cli: { columns: ['id', 'state', 'title', 'createdAt'] },
      query: listQuery,
      response: pageOf(jobSchema),
      handler: async ({ actor, locale, query: { limit, cursor, ...filter } }: KernelRequest<unknown, ListQuery>) => {
        const { items, nextCursor } = await this.queries.list(actor, filter, { limit, cursor })
        const views = items.map(row => this.views.summary(row, locale))
        return nextCursor ? { items: views, nextCursor } : { items: views }
      },
    })
    registry.add('kernel', {
      operation: 'jobs.get',
      method: 'GET',
      path: '/jobs/:id',
      permission: 'jobs:read',
      summary: 'A job with its steps',
      params: idParams,
      response: jobSchema,
      cli: { args: ['id'] },
      handler: async ({ actor, locale, params }: KernelRequest<IdParams>) => {
        const row = await this.queries.get(actor, params.id)
        return this.views.detail(row, await this.queries.steps(row.id), locale)
      },
    })
    registry.add('kernel', {
      operation: 'jobs.log',
      method: 'GET',
      path: '/jobs/:id/log',
      permission: 'jobs:read',
      summary: 'Lines of a job’s log after a number, at most 1,000',
      params: idParams,
      query: object<{ after: number }>({ after: Joi.number().integer().min(0).default(0) }),
      response: logPage,
      cli: { args: ['id'] },
      handler: async ({ actor, params, query }: KernelRequest<IdParams, { after: number }>) => {
        const row = await this.queries.get(actor, params.id)
        return { items: await this.queries.log(row.id, query.after) }
      },
    })
  }

  /** These record themselves in the transaction of what they do. */
  #acting(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'jobs.cancel',
      method: 'POST',
      path: '/jobs/:id/cancel',
      permission: 'jobs:write',
      summary: 'Stop a job and take back what it did',
      params: idParams,
      status: 202,
      audit: false,
      cli: { args: ['id'] },
      handler: async ({ actor, params }: KernelRequest<IdParams>) => {
        const row = await this.queries.get(actor, params.id)
        await this.control.cancel(row, actor)
        return accepted({ id: row.id, href: `/api/v1/jobs/${row.id}` })
      },
    })
    registry.add('kernel', {
      operation: 'jobs.retry',
      method: 'POST',
      path: '/jobs/:id/retry',
      permission: 'jobs:write',
      summary: 'Try a job again that came to nothing',
      params: idParams,
      status: 202,
      audit: false,
      cli: { args: ['id'] },
      handler: async ({ actor, params }: KernelRequest<IdParams>) => {
        const row = await this.queries.get(actor, params.id)
        return accepted(await this.control.retry(row, actor))
      },
    })
    registry.add('kernel', {
      operation: 'jobs.reveal',
      method: 'POST',
      path: '/jobs/:id/reveal',
      permission: 'jobs:read',
      summary: 'Read the secrets a job generated: once, by who asked for it, within ten minutes',
      params: idParams,
      response: revealed,
      audit: false,
      cli: { args: ['id'] },
      handler: async ({ actor, params }: KernelRequest<IdParams>) => {
        const row = await this.queries.get(actor, params.id)
        return { values: await this.reveals.read(row, actor) }
      },
    })
  }
}

function accepted(job: { readonly id: string; readonly href: string }): Submission {
  return { kind: 'accepted', job }
}
