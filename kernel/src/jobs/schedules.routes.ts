import { Joi, object, type Page } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { RouteRegistry } from '../http/route-registry.js'
import { pageOf } from '../rbac/schemas.js'
import { State } from '../state/state.js'
import { type ScheduleRow, Schedules } from './schedules.js'

interface ScheduleView {
  readonly owner: string
  readonly name: string
  readonly hostId: string
  readonly cron: string
  readonly timezone: string
  readonly missed: string
  readonly lastRunAt: string | null
  readonly lastOutcome: string | null
  readonly lastProblem: string | null
  /** Null while nobody defines it: its plugin is disabled. */
  readonly nextRunAt: string | null
}

const schedule = object<ScheduleView>({
  owner: Joi.string().required(),
  name: Joi.string().required(),
  hostId: Joi.string().required(),
  cron: Joi.string().required(),
  timezone: Joi.string().required(),
  missed: Joi.string().required(),
  lastRunAt: Joi.string().isoDate().allow(null).required(),
  lastOutcome: Joi.string().allow(null).required(),
  lastProblem: Joi.string().allow(null).required(),
  nextRunAt: Joi.string().isoDate().allow(null).required(),
})

/** `/schedules`: those of the whole server, so only for who sees everything. */
@scoped(Lifecycle.ContainerScoped)
export class ScheduleRoutes {
  constructor(
    private readonly state: State,
    private readonly schedules: Schedules,
  ) {}

  register(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'schedules.list',
      method: 'GET',
      path: '/schedules',
      permission: 'jobs:read',
      summary: 'What runs by itself, when it last did and when it will',
      response: pageOf(schedule),
      handler: async ({ actor }): Promise<Page<ScheduleView>> => {
        if (!actor.admin) return { items: [] }
        const rows: ScheduleRow[] = await this.state.knex('schedules').orderBy(['owner', 'name', 'host_id'])
        return { items: rows.map(row => this.#view(row)) }
      },
    })
  }

  #view(row: ScheduleRow): ScheduleView {
    return {
      owner: row.owner,
      name: row.name,
      hostId: row.host_id,
      cron: row.cron,
      timezone: row.timezone,
      missed: row.missed,
      lastRunAt: row.last_run_at,
      lastOutcome: row.last_outcome,
      lastProblem: row.last_problem,
      nextRunAt: this.schedules.next(row.owner, row.name)?.toISOString() ?? null,
    }
  }
}
