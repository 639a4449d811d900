import { Joi, type Message, object, type Page, type Schema, type Submission } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import type { KernelRequest } from '../http/kernel-request.js'
import type { RouteRegistry } from '../http/route-registry.js'
import { JobViews, messageSchema } from '../jobs/job-view.js'
import { Jobs } from '../jobs/jobs.js'
import { Access } from '../rbac/access.js'
import { type IdParams, idParams, pageOf } from '../rbac/schemas.js'
import { ChangeBroker, type Drift } from './change-broker.js'
import { type ChangedFile, type ChangeFilter, ChangeLog, type ExplainedChange } from './change-log.js'
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
  /** The broker's id of the change that this one took back. */
  readonly reverts: string | null
  /** The row of that change, and of the one that took this one back; of a single change alone. */
  readonly revertsId?: string | null
  readonly revertedBy?: string | null
  /** What its job is called and by which operation it came; null when the job is not kept any more. */
  readonly reason: { readonly title: Message & { readonly text: string }; readonly operation: string } | null
  /** Lists leave the differences out. */
  readonly files?: readonly (Omit<ChangedFile, 'diff'> & Partial<ChangedFile>)[]
}

interface ListQuery extends ChangeFilter {
  readonly limit: number
  readonly cursor?: string
}

interface DriftAction {
  readonly plugin: string
  readonly path: string
  readonly action: 'adopt' | 'discard'
  /** Of the edit that was looked at: of another one nothing is done. */
  readonly hash?: string
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
  revertsId: Joi.string().allow(null),
  revertedBy: Joi.string().allow(null),
  reason: object<NonNullable<ChangeView['reason']>>({ title: messageSchema.required(), operation: text })
    .allow(null)
    .required(),
  files: Joi.array().items(
    object<NonNullable<ChangeView['files']>[number]>({
      path: text,
      action: text,
      diff: Joi.string().allow(''),
    }).optional(),
  ),
})
const driftSchema = object<Drift>({
  ...diffed,
  plugin: text,
  file: Joi.string().allow('').required(),
  tenant: Joi.string(),
  kind: Joi.string().valid('modified', 'missing', 'foreign').required(),
  hash: text,
})
const plugin = Joi.string().pattern(/^[a-z][a-z0-9-]{0,40}$/, 'plugin')
const listQuery = object<ListQuery>({
  plugin,
  tenant: Joi.string().pattern(/^s[a-z2-7]{10}$/, 'tenant'),
  job: Joi.string().guid(),
  state: Joi.string().valid('applying', 'applied', 'failed', 'reverted', 'awaiting_confirmation'),
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
    private readonly views: JobViews,
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
      handler: async (request: KernelRequest<unknown, ListQuery>): Promise<Page<ChangeView>> => {
        const { limit, cursor, ...filter } = request.query
        const { items, nextCursor } = await this.log.list(filter, { limit, ...(cursor !== undefined && { cursor }) })
        const views = await Promise.all(items.map(row => this.#summary(row, request)))
        return { items: views, ...(nextCursor !== undefined && { nextCursor }) }
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
      handler: async (request: KernelRequest<IdParams>) => {
        const row = await this.log.get(request.params.id)
        return {
          ...(await this.#withFiles(row, request)),
          revertsId: row.reverts === null ? null : await this.log.idOf(row.reverts),
          revertedBy: await this.log.reversalOf(row.change_id),
        }
      },
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
        hash: Joi.string().pattern(/^[0-9a-f]{64}$/, 'hash'),
      }),
      response: driftList,
      handler: async ({ actor, body }: KernelRequest<unknown, unknown, DriftAction>) => {
        await this.broker.settle(actor, body)
        return { items: await this.broker.drift(actor, body.plugin) }
      },
    })
  }

  /** Without the differences; a change whose files nobody can tell now is told without them. */
  async #summary(row: ExplainedChange, request: KernelRequest<unknown, unknown>): Promise<ChangeView> {
    const view = await this.#withFiles(row, request).catch(() => this.#view(row, request.locale))
    const { files } = view
    return { ...view, ...(files && { files: files.map(({ path, action }) => ({ path, action })) }) }
  }

  /** The differences are asked for once, while the broker still keeps the contents, and then stay. */
  async #withFiles(row: ExplainedChange, { actor, locale }: KernelRequest<unknown, unknown>): Promise<ChangeView> {
    const view = this.#view(row, locale)
    if (row.files !== null) return { ...view, files: JSON.parse(row.files) as ChangedFile[] }
    const described = await this.broker.describe(row.plugin, row.change_id, actor)
    if (!described?.files) return view
    // How it stands now is for now.
    const files = described.files.map(({ path, action, diff }) => ({ path, action, diff }))
    await this.log.describe(row.id, described.state, files)
    return { ...view, state: described.state, files }
  }

  #view(row: ExplainedChange, locale: string): ChangeView {
    const { id, plugin, change, tenant, state, revision, batch, job_id: jobId, at, reverts } = row
    const { job_title: title, job_operation: operation } = row
    return {
      ...{ id, plugin, change, tenant, state, revision, batch, jobId, at, reverts },
      actor: JSON.parse(row.actor),
      reason: title === null || operation === null ? null : { title: this.views.message(title, locale), operation },
    }
  }
}
