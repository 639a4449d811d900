import { type Actor, Problem } from '@nusantara/sdk'
import type { Logger } from 'pino'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { AuditLog } from '../audit/audit-log.js'
import { LOGGER } from '../config/token.js'
import { AuditUnavailable } from './errors.js'
import type { RegisteredRoute } from './registered-route.js'

export interface Attempt {
  readonly actor: Actor
  readonly requestId: string
  readonly dryRun?: boolean
  readonly target?: string
  readonly params?: unknown
  readonly body?: unknown
}

/** Records what came of every request that could change something. */
@scoped(Lifecycle.ContainerScoped)
export class AuditTrail {
  constructor(
    private readonly log: AuditLog,
    @inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws AuditUnavailable, so that a change without evidence is never reported as done */
  async succeeded(route: RegisteredRoute, attempt: Attempt): Promise<void> {
    if (!route.audit || attempt.dryRun) return
    try {
      await this.log.record({ ...entry(route, attempt), params: details(attempt), outcome: 'success' })
    } catch (error) {
      this.logger.error({ err: error, requestId: attempt.requestId, operation: route.operation }, 'audit entry lost')
      throw AuditUnavailable({}, { cause: error })
    }
  }

  /**
   * @param refused whether a guard stopped it before the handler; recorded also where the route records its outcomes itself. What
   *   nobody in particular was refused is left to the metrics: a stranger must not be able to fill the log.
   */
  async failed(route: RegisteredRoute, attempt: Attempt, error: unknown, refused: boolean): Promise<void> {
    const silent = refused
      ? attempt.actor.kind === 'anonymous' || route.method === 'GET'
      : !route.audit || attempt.dryRun
    if (silent) return
    const problem = error instanceof Problem ? error.code : 'internal'
    try {
      const params = { problem, ...details(attempt) }
      await this.log.record({ ...entry(route, attempt), params, outcome: refused ? 'refused' : 'failure' })
    } catch (cause) {
      this.logger.error({ err: cause, requestId: attempt.requestId, operation: route.operation }, 'audit entry lost')
    }
  }
}

function entry(route: RegisteredRoute, { actor, requestId, target }: Attempt) {
  return { actor, action: route.operation, requestId, ...(target !== undefined && { target }) }
}

function details({ params, body }: Attempt): Record<string, unknown> {
  return { ...(params !== undefined && { params }), ...(body !== undefined && { body }) }
}
