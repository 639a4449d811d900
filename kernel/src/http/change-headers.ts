import type { IncomingHttpHeaders } from 'node:http'
import { type FieldProblem, invalidInput } from '@nusantara/sdk'
import type { RegisteredRoute } from './registered-route.js'

export interface ChangeOptions {
  readonly dryRun: boolean
  readonly planHash?: string
  readonly idempotencyKey?: string
}

const none: ChangeOptions = Object.freeze({ dryRun: false })
const token = /^[\w.:+/=-]{1,200}$/

/**
 * `?dry_run=`, `Plan-Hash` and `Idempotency-Key` of a changing route. `dry_run` is taken out of the query. Elsewhere the
 * headers are refused: who pins a plan or repeats a request must not believe that it was heeded.
 *
 * @throws invalid_input naming the parameter or header
 */
export function changeOptions(
  route: RegisteredRoute,
  headers: IncomingHttpHeaders,
  query: Record<string, string | string[]>,
): ChangeOptions {
  const planHash = headers['plan-hash']
  const idempotencyKey = headers['idempotency-key']
  if (!route.change) {
    const given = [planHash !== undefined && 'Plan-Hash', idempotencyKey !== undefined && 'Idempotency-Key'].filter(
      name => name !== false,
    )
    if (given.length > 0)
      throw invalidInput(given.map(name => refused(name, 'header.unexpected', 'this route changes nothing by plan')))
    return none
  }
  const { dry_run: dryRun } = query
  delete query.dry_run
  const fields: FieldProblem[] = []
  if (dryRun !== undefined && dryRun !== 'true' && dryRun !== 'false') {
    fields.push(refused('dry_run', 'any.only', 'use true or false', { valids: ['true', 'false'] }))
  }
  if (planHash !== undefined && !isToken(planHash))
    fields.push(refused('Plan-Hash', 'header.malformed', 'use the hash of a plan'))
  if (idempotencyKey !== undefined && !isToken(idempotencyKey)) {
    fields.push(refused('Idempotency-Key', 'header.malformed', 'use up to 200 letters, digits and . : + / = _ -'))
  }
  if (fields.length > 0) throw invalidInput(fields)
  return {
    dryRun: dryRun === 'true',
    ...(isToken(planHash) && { planHash }),
    ...(isToken(idempotencyKey) && { idempotencyKey }),
  }
}

function isToken(value: string | string[] | undefined): value is string {
  return typeof value === 'string' && token.test(value)
}

function refused(path: string, code: string, remedy: string, params: Record<string, unknown> = {}): FieldProblem {
  const place = path === 'dry_run' ? 'query' : 'header'
  return { path, in: place, code, message: `${path} cannot be used so: ${remedy}`, params: { label: path, ...params } }
}
