import { Joi, object, type Page, type Schema, type Submission } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import type { KernelRequest } from '../http/kernel-request.js'
import type { RouteRegistry } from '../http/route-registry.js'
import { Jobs } from '../jobs/jobs.js'
import { Access } from '../rbac/access.js'
import { type IdParams, idParams, pageOf } from '../rbac/schemas.js'
import { ChangeBroker, type Drift } from './change-broker.js'
import { type ChangedFile, type ChangeFilter, ChangeLog, type ChangeRow } from './change-log.js'
import { rollbackJob } from './rollback-job.js'

interface ChangeView {
  readonly id: string
  readonly plugin: string
  readonly change: string
  readonly tenant: string | null
  readonly state: string
  readonly revision: string | null
  readonly batch: number
  readonly jobId: string | null
  readonly actor: { readonly kind: string; readonly id: string; readonly name: string }
  readonly at: string
  readonly reverts: string | null
  readonly files?: readonly ChangedFile[]
}

interface ListQuery extends ChangeFilter {
  readonly limit: number
  readonly cursor?: string
}

interface DriftAction {
  readonly plugin: string
  readonly path: string
  readonly action: 'adopt' | 'discard'
}

const text = Joi.string().required()
const nullable = Joi.string().allow(null).required()
const diffed = { path: text, diff: Joi.string().allow('').required() }
const changeSchema: Schema<ChangeView> = object<ChangeView>({
  id: text,
  plugin: text,
  change: text,
  tenant: nullable,
  state: text,
  revision: nullable,
  batch: Joi.number().required(),
  jobId: nullable,
  actor: object({ kind: text, id: text, name: text }).required(),
  at: Joi.string().isoDate().required(),
  reverts: nullable,
  files: Joi.array().items(object({ ...diffed, action: text }).optional()),
})
const driftSchema = object<Drift>({
  ...diffed,
  plugin: text,
  file: Joi.string().allow('').required(),
  tenant: Joi.string(),
  kind: Joi.string().valid('modified', 'missing', 'foreign').required(),
})
const plugin = Joi.string().pattern(/^[a-z][a-z0-9-]{0,40}$/, 'plugin')
const listQuery = object<ListQuery>({
  plugin,
  tenant: Joi.string().pattern(/^s[a-z2-7]{10}$/, 'tenant'),
  job: Joi.string().guid(),
  limit: Joi.number().integer().min(1).max(200).default(50),
  cursor: Joi.string().guid(),
})
const driftList = object<{ items: readonly Drift[] }>({ items: Joi.array().items(driftSchema.optional()).required() })

/** `/changes` and `/drift`: what happened to the configuration, taking it back, and edits made by hand. */
@scoped(Lifecycle.ContainerScoped)
export class ChangeRoutes {
  constructor(
    private readonly access: Access,
    private readonly log: ChangeLog,
    private readonly broker: ChangeBroker,
    private readonly jobs: Jobs,
  ) {}

  register(registry: RouteRegistry): void {
    this.access.define('kernel', { 'changes:read': {}, 'changes:write': { risk: 'high' } })
    this.jobs.define('kernel', rollbackJob, { log: this.log, broker: this.broker })
    this.#history(registry)
    this.#drift(registry)
  }

  #history(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'changes.list',
      method: 'GET',
      path: '/changes',
      permission: 'changes:read',
      summary: 'Changes of the configuration, newest first',
      cli: { columns: ['id', 'state', 'plugin', 'change', 'tenant', 'at'] },
      query: listQuery,
      response: pageOf(changeSchema),
      handler: async ({
        query: { limit, cursor, ...filter },
      }: KernelRequest<unknown, ListQuery>): Promise<Page<ChangeView>> => {
        const { items, nextCursor } = await this.log.list(filter, { limit, ...(cursor !== undefined && { cursor }) })
        return { items: items.map(view), ...(nextCursor !== undefined && { nextCursor }) }
      },
    })
    registry.add('kernel', {
      operation: 'changes.get',
      method: 'GET',
      path: '/changes/:id',
      permission: 'changes:read',
      summary: 'One change with the differences it made',
      params: idParams,
      response: changeSchema,
      cli: { args: ['id'] },
      handler: async (request: KernelRequest<IdParams>) =>
        this.#withFiles(await this.log.get(request.params.id), request),
    })
    registry.add('kernel', {
      operation: 'changes.rollback',
      method: 'POST',
      path: '/changes/:id/rollback',
      permission: 'changes:write',
      summary: 'Take a change back; refused when its files changed since',
      change: true,
      params: idParams,
      cli: { args: ['id'] },
      handler: async (request: KernelRequest<IdParams>): Promise<Submission> => {
        const { id } = await this.log.get(request.params.id)
        return this.jobs.submit('kernel', rollbackJob, { id }, { request })
      },
    })
  }

  #drift(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'drift.list',
      method: 'GET',
      path: '/drift',
      permission: 'changes:read',
      summary: 'Managed files that were edited by hand, and foreign files beside them',
      query: object<{ plugin?: string }>({ plugin }),
      response: driftList,
      handler: async ({ actor, query }: KernelRequest<unknown, { plugin?: string }>) => ({
        items: await this.broker.drift(actor, query.plugin),
      }),
    })
    registry.add('kernel', {
      operation: 'drift.settle',
      method: 'POST',
      path: '/drift',
      permission: 'changes:write',
      summary: 'Adopt a hand edit as the new truth, or discard it',
      body: object<DriftAction>({
        plugin: plugin.required(),
        path: Joi.string().max(4096).required(),
        action: Joi.string().valid('adopt', 'discard').required(),
      }),
      response: driftList,
      handler: async ({ actor, body }: KernelRequest<unknown, unknown, DriftAction>) => {
        await this.broker.settle(actor, body.plugin, body.path, body.action)
        return { items: await this.broker.drift(actor, body.plugin) }
      },
    })
  }

  /** The differences are asked for once, while the broker still keeps the contents, and then stay. */
  async #withFiles(row: ChangeRow, { actor }: KernelRequest<IdParams>): Promise<ChangeView> {
    if (row.files !== null) return { ...view(row), files: JSON.parse(row.files) as ChangedFile[] }
    const described = await this.broker.describe(row.plugin, row.change_id, actor)
    if (!described?.files) return view(row)
    await this.log.describe(row.id, described.state, described.files)
    return { ...view(row), state: described.state, files: described.files }
  }
}

function view(row: ChangeRow): ChangeView {
  const { id, plugin, change, tenant, state, revision, batch, job_id: jobId, actor, at, reverts } = row
  return { id, plugin, change, tenant, state, revision, batch, jobId, actor: JSON.parse(actor), at, reverts }
}
