import { type Actor, holds, Joi, type Message, object, type Page } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import type { KernelRequest } from '../http/kernel-request.js'
import { RouteRegistry } from '../http/route-registry.js'
import { Catalogues } from '../i18n/catalogues.js'
import { Access } from '../rbac/access.js'
import { Resources } from '../rbac/resources.js'
import { pageOf } from '../rbac/schemas.js'
import { State } from '../state/state.js'
import { ScheduleNotFound } from './errors.js'
import { HostIdentity } from './host-identity.js'
import { JobViews, type ProblemView, problemSchema } from './job-view.js'
import { type ScheduleRow, Schedules } from './schedules.js'

interface ScheduleView {
  readonly owner: string
  readonly name: string
  /** What it does, in the reader's language. */
  readonly title: string
  readonly hostId: string
  readonly cron: string
  readonly timezone: string
  readonly missed: string
  readonly resourceId: string | null
  readonly lastRunAt: string | null
  /** Null before the first run, and while one goes on. */
  readonly lastOutcome: string | null
  readonly lastProblem: ProblemView | null
  /** Null while nobody defines it: its plugin is disabled. */
  readonly nextRunAt: string | null
}

const schedule = object<ScheduleView>({
  owner: Joi.string().required(),
  name: Joi.string().required(),
  title: Joi.string().required(),
  hostId: Joi.string().required(),
  cron: Joi.string().required(),
  timezone: Joi.string().required(),
  missed: Joi.string().required(),
  resourceId: Joi.string().allow(null).required(),
  lastRunAt: Joi.string().isoDate().allow(null).required(),
  lastOutcome: Joi.string().allow(null).required(),
  lastProblem: problemSchema,
  nextRunAt: Joi.string().isoDate().allow(null).required(),
})

interface Named {
  readonly owner: string
  readonly name: string
}

const named = object<Named>({ owner: Joi.string().max(64).required(), name: Joi.string().max(128).required() })

/** `/schedules`: administrators see all of them, others those of their resources and those their permissions show. */
@scoped(Lifecycle.ContainerScoped)
export class ScheduleRoutes {
  constructor(
    private readonly state: State,
    private readonly schedules: Schedules,
    private readonly resources: Resources,
    private readonly catalogues: Catalogues,
    private readonly views: JobViews,
    private readonly host: HostIdentity,
    private readonly access: Access,
  ) {}

  register(registry: RouteRegistry): void {
    this.access.define('kernel', { 'schedules:write': {} })
    registry.add('kernel', {
      operation: 'schedules.list',
      method: 'GET',
      path: '/schedules',
      permission: 'jobs:read',
      summary: 'What runs by itself, when it last did and when it will',
      response: pageOf(schedule),
      handler: async ({ actor, locale }: KernelRequest): Promise<Page<ScheduleView>> => {
        const rows: ScheduleRow[] = await this.state.knex('schedules').orderBy(['owner', 'name', 'host_id'])
        return { items: (await this.#visible(actor, rows)).map(row => this.#view(row, locale)) }
      },
    })
    registry.add('kernel', {
      operation: 'schedules.get',
      method: 'GET',
      path: '/schedules/:owner/:name',
      permission: 'jobs:read',
      summary: 'One schedule, as it stands on this host',
      params: named,
      response: schedule,
      cli: { args: ['owner', 'name'] },
      handler: async ({ actor, locale, params }: KernelRequest<Named>): Promise<ScheduleView> =>
        this.#view(await this.#one(actor, params), locale),
    })
    this.#running(registry)
  }

  #running(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'schedules.run',
      method: 'POST',
      path: '/schedules/:owner/:name/run',
      permission: 'schedules:write',
      summary: 'Run what is scheduled now, beside its times',
      params: named,
      response: schedule,
      cli: { args: ['owner', 'name'] },
      handler: async ({ actor, locale, params }: KernelRequest<Named>): Promise<ScheduleView> => {
        // Whoever may not see it learns nothing of it.
        await this.#one(actor, params)
        await this.schedules.runNow(params.owner, params.name)
        return this.#view(await this.#one(actor, params), locale)
      },
    })
  }

  async #one(actor: Actor, { owner, name }: Named): Promise<ScheduleRow> {
    const found: ScheduleRow[] = await this.state.knex('schedules').where({ owner, name }).orderBy('host_id')
    const rows = await this.#visible(actor, found)
    const row = rows.find(({ host_id }) => host_id === this.host.hostId) ?? rows[0]
    if (!row) throw ScheduleNotFound({ owner, name })
    return row
  }

  async #visible(actor: Actor, rows: readonly ScheduleRow[]): Promise<readonly ScheduleRow[]> {
    if (actor.admin) return rows
    const ids = rows.flatMap(row => row.resource_id ?? [])
    const query = this.state.knex('resources').whereIn('resources.id', ids).select('resources.id')
    const own = new Set(
      ((await this.resources.scope(query, actor, 'resources.id')) as { id: string }[]).map(row => row.id),
    )
    return rows.filter(
      ({ resource_id, permission }) =>
        (resource_id !== null && own.has(resource_id)) || (permission !== null && holds(actor, permission)),
    )
  }

  #view(row: ScheduleRow, locale: string): ScheduleView {
    return {
      owner: row.owner,
      name: row.name,
      title: this.#title(row, locale),
      hostId: row.host_id,
      cron: row.cron,
      timezone: row.timezone,
      missed: row.missed,
      resourceId: row.resource_id,
      lastRunAt: row.last_run_at,
      lastOutcome: row.last_outcome,
      lastProblem: this.views.problem(row.last_problem, locale),
      nextRunAt: this.schedules.next(row.owner, row.name)?.toISOString() ?? null,
    }
  }

  /** Its own title, else the catalogue's, else its name. */
  #title({ title, owner, name }: ScheduleRow, locale: string): string {
    const code = `schedule.${owner}.${name}`
    const message = title ? (JSON.parse(title) as Message) : { code }
    const text = this.catalogues.format(locale, message.code, message.params)
    return text === code ? name : text
  }
}
