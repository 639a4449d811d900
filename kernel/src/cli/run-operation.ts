import type { Plan } from '@nusantara/sdk'
import type { CliContext } from './context.js'
import { exitCodes, usage } from './exit-codes.js'
import { followJob, type JobView } from './follow.js'
import { buildRequest, flagsOf, type ParsedLine, parseLine, takesValue } from './input.js'
import { operationHelp } from './operation-help.js'
import { findOperation, type OpenApiDocument, type Operation, operationsOf } from './operations.js'
import { dim, inert, keyValues } from './output.js'
import { renderPlan } from './render-plan.js'
import { sentences } from './sentences.js'
import { table } from './table.js'

/** Flags of the command line itself; everything else goes to the operation. */
export const ownFlags: ReadonlyMap<string, 'value' | 'switch'> = new Map([
  ['json', 'switch'],
  ['dry-run', 'switch'],
  ['no-wait', 'switch'],
  ['help', 'switch'],
  ['wide', 'switch'],
  ['columns', 'value'],
])

/** Without a terminal: what a log or a mail takes. */
const plainWidth = 100

export async function loadOperations(context: CliContext): Promise<Operation[]> {
  return operationsOf((await context.connection.call('GET', '/api/v1/openapi.json')).body as OpenApiDocument)
}

/** Runs a command that the panel's API offers: `nusa things create example.test --kind small`. */
export async function runOperation(context: CliContext, words: readonly string[], asksHelp: boolean): Promise<number> {
  const { commands } = await import('./commands.js')
  const commandWords = words.slice(0, firstFlag(words))
  const { operation } = findOperation(await loadOperations(context), commandWords, Object.keys(commands))
  if (asksHelp) {
    context.print(operationHelp(operation, context.text))
    return exitCodes.ok
  }
  const line = parseLine(words.slice(operation.words.length), takesValue(operation, ownFlags))
  // An operation's own field goes before a flag of the command line of that name.
  const own = (flag: string) => ownFlags.has(flag) && !flagsOf(operation).includes(flag)
  const has = (flag: string) => own(flag) && line.flags.has(flag)
  if (has('dry-run') && !operation.change) throw usage('no_plan', { command: operation.words.join(' ') })
  const passed = new Map([...line.flags].filter(([flag]) => !own(flag)))
  const request = buildRequest(operation, { ...line, flags: passed })
  const path = has('dry-run') ? `${request.path}${request.path.includes('?') ? '&' : '?'}dry_run=true` : request.path
  const { status, body } = await context.connection.call(operation.method, path, { body: request.body })
  const waits = status === 202 && !has('no-wait')
  if (waits) return waitForJob(context, body as { job: { id: string } }, has('json'))
  if (has('json')) context.print(JSON.stringify(body ?? null, null, 2))
  else if (has('dry-run')) context.print(renderPlan(body as Plan, context.text, await sentences(context)))
  else show(context, operation, body, line)
  return exitCodes.ok
}

/** Lists as columns, single things as lines of key and value. */
function show(context: CliContext, operation: Operation, body: unknown, { flags }: ParsedLine): void {
  if (body === undefined || body === null || body === '') return
  const list = rows(body)
  if (typeof body === 'string') context.print(inert(body))
  else if (!list) context.print(keyValues(body as Record<string, unknown>))
  else if (list.length === 0) context.print(dim(context.text('none')))
  else {
    const chosen = flags.get('columns')?.flatMap(value =>
      String(value)
        .split(',')
        .map(column => column.trim()),
    )
    const width = process.stdout.columns ?? (Number(process.env.COLUMNS) || plainWidth)
    const { columns: preferred } = operation
    context.print(
      table(list, { width, wide: flags.has('wide'), ...(preferred && { preferred }), ...(chosen && { chosen }) }),
    )
  }
  const next = (body as { nextCursor?: unknown }).nextCursor
  if (typeof next === 'string') context.note(dim(context.text('more', { cursor: next })))
}

function rows(value: unknown): Record<string, unknown>[] | undefined {
  const items = Array.isArray(value) ? value : (value as { items?: unknown }).items
  if (!Array.isArray(items)) return undefined
  return items.map(item => (typeof item === 'object' && item !== null ? { ...item } : { value: item }))
}

async function waitForJob(context: CliContext, accepted: { job: { id: string } }, json: boolean): Promise<number> {
  const job: JobView = await followJob(context, accepted.job.id, !json)
  if (json) context.print(JSON.stringify({ ...accepted, job }, null, 2))
  return job.state === 'succeeded' ? exitCodes.ok : exitCodes.failed
}

function firstFlag(words: readonly string[]): number {
  const at = words.findIndex(word => word.startsWith('--'))
  return at < 0 ? words.length : at
}
