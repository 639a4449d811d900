import { Joi, object } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Content } from '../http/content.js'
import { RouteRegistry } from '../http/route-registry.js'
import { Access } from '../rbac/access.js'
import { pageOf } from '../rbac/schemas.js'
import { type AuditFilter, AuditLog, type AuditRecord } from './audit-log.js'
import type { Checkpoint } from './checkpoint.js'
import { checkpointSchema } from './checkpoint-schema.js'
import { AuditRetention } from './retention.js'
import { type SealedSegment, Sealing } from './sealing.js'
import type { AuditReport } from './verifier.js'

const filterKeys = {
  actor: Joi.string().max(128),
  action: Joi.string().max(128),
  target: Joi.string().max(256),
  outcome: Joi.string().valid('success', 'failure', 'refused'),
  since: Joi.string().isoDate(),
  until: Joi.string().isoDate(),
}

interface ListQuery extends AuditFilter {
  readonly limit: number
  /** Sequence number of the last entry of the page before. */
  readonly cursor?: number
}

const listQuery = object<ListQuery>({
  ...filterKeys,
  limit: Joi.number().integer().min(1).max(500).default(100),
  cursor: Joi.number().integer().min(1),
})

const record = object<AuditRecord & { hash: string }>({
  seq: Joi.number().required(),
  at: Joi.string().required(),
  actor: object<AuditRecord['actor']>({
    kind: Joi.string().required(),
    id: Joi.string().required(),
    userId: Joi.string(),
    name: Joi.string().required(),
    assurance: Joi.string().required(),
    address: Joi.string(),
  }),
  action: Joi.string().required(),
  target: Joi.string().allow(''),
  params: Joi.any(),
  outcome: Joi.string().required(),
  requestId: Joi.string(),
  hash: Joi.string().required(),
})

const problem = object<AuditReport['problems'][number]>({
  seq: Joi.number().required(),
  problem: Joi.string().required(),
  segment: Joi.string(),
})

const limit = object<AuditReport['limits'][number]>({
  code: Joi.string().required(),
  params: Joi.object().unknown(),
})

const report = object<AuditReport>({
  ok: Joi.boolean().required(),
  entries: Joi.number().required(),
  segments: Joi.number().required(),
  head: object<NonNullable<AuditReport['head']>>({
    seq: Joi.number().required(),
    hash: Joi.string().required(),
    root: Joi.string().required(),
  }).allow(null),
  checkpoints: Joi.number().required(),
  problems: Joi.array().items(problem.optional()).required(),
  limits: Joi.array().items(limit.optional()).required(),
})

const segment = object<SealedSegment>({
  file: Joi.string().required(),
  first: Joi.number().required(),
  last: Joi.number().required(),
  count: Joi.number().required(),
  root: Joi.string().required(),
  sealedAt: Joi.string().required(),
})

const segments = object<{ readonly items: readonly SealedSegment[] }>({
  items: Joi.array().items(segment.optional()).required(),
})

/** `/audit`. */
@scoped(Lifecycle.ContainerScoped)
export class AuditRoutes {
  constructor(
    private readonly log: AuditLog,
    private readonly sealing: Sealing,
    private readonly retention: AuditRetention,
    private readonly access: Access,
  ) {}

  register(registry: RouteRegistry): void {
    this.access.define('kernel', { 'audit:read': {}, 'audit:write': { risk: 'high' } })
    this.#reading(registry)
    this.#proving(registry)
    this.#sealing(registry)
  }

  #reading(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'audit.list',
      method: 'GET',
      path: '/audit',
      permission: 'audit:read',
      summary: 'What was done, newest first',
      cli: { columns: ['seq', 'at', 'actor', 'action', 'target', 'outcome'] },
      query: listQuery,
      response: pageOf(record),
      handler: ({ query: { limit, cursor, ...filter } }) => this.log.list(filter, { limit, cursor }),
    })
    registry.add('kernel', {
      operation: 'audit.export',
      method: 'GET',
      path: '/audit/export',
      permission: 'audit:read',
      summary: 'The log, oldest first, one JSON text a line, with the hashes that prove it',
      query: object<AuditFilter>(filterKeys),
      response: Joi.string().allow(''),
      produces: 'application/x-ndjson',
      handler: async ({ query }) => {
        const headers = { 'Content-Disposition': 'attachment; filename="audit.ndjson"' }
        return new Content('application/x-ndjson', this.log.export(query), { headers })
      },
    })
  }

  #proving(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'audit.verify',
      method: 'GET',
      path: '/audit/verify',
      permission: 'audit:read',
      summary: 'Compute every hash again and compare with the signed checkpoints',
      response: report,
      handler: () => this.log.verify(),
    })
    registry.add('kernel', {
      operation: 'audit.verifyAgainst',
      method: 'POST',
      path: '/audit/verify',
      permission: 'audit:read',
      summary: 'Verify, and compare with a checkpoint that was kept elsewhere',
      body: object<{ readonly checkpoint: Checkpoint }>({ checkpoint: checkpointSchema }),
      response: report,
      audit: false,
      cli: false,
      handler: ({ body }) => this.log.verify(body.checkpoint),
    })
    registry.add('kernel', {
      operation: 'audit.checkpoint',
      method: 'POST',
      path: '/audit/checkpoint',
      permission: 'audit:read',
      summary: 'Sign the log as it is now; keep the answer where the panel cannot reach it',
      response: checkpointSchema,
      audit: false,
      handler: async () => (await this.log.checkpoint()) ?? undefined,
    })
  }

  #sealing(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'audit.segments',
      method: 'GET',
      path: '/audit/segments',
      permission: 'audit:read',
      summary: 'Sealed segments, oldest first',
      cli: { columns: ['file', 'count', 'sealedAt'] },
      response: segments,
      handler: async () => ({ items: await this.sealing.list() }),
    })
    registry.add('kernel', {
      operation: 'audit.seal',
      method: 'POST',
      path: '/audit/seal',
      permission: 'audit:write',
      summary: 'Move old entries from the table into sealed segments',
      // Entries older than this moment; default: what the configured retention says.
      body: object<{ readonly before?: string }>({ before: Joi.string().isoDate() }),
      response: segments,
      // Each segment is recorded together with its entry of the log.
      audit: false,
      handler: async ({ actor, body, signal }) => {
        const before = body.before === undefined ? this.retention.before() : new Date(body.before)
        return { items: await this.sealing.seal(before, actor, signal) }
      },
    })
  }
}
