import type { Plan } from '@nusantara/sdk'
import type { CliContext } from './context.js'
import { exitCodes, usage } from './exit-codes.js'
import { followJob, type JobView } from './follow.js'
import { alternatives, buildRequest, parseLine, takesValue, usageOf } from './input.js'
import {
  canonicalWords,
  findOperation,
  kebab,
  type OpenApiDocument,
  type Operation,
  operationsOf,
} from './operations.js'
import { render, renderPlan } from './output.js'
import { sentences } from './sentences.js'

/** Flags of the command line itself; everything else goes to the operation. */
const own = new Set(['json', 'dry-run', 'no-wait', 'help', 'yes'])

export async function loadOperations(context: CliContext): Promise<Operation[]> {
  return operationsOf((await context.connection.call('GET', '/api/v1/openapi.json')).body as OpenApiDocument)
}

/** Runs a command that the panel's API offers: `nusa things create example.test --kind small`. */
export async function runOperation(context: CliContext, words: readonly string[]): Promise<number> {
  const commandWords = words.slice(0, firstFlag(words))
  const { operation } = findOperation(await loadOperations(context), canonicalWords(commandWords))
  const line = parseLine(words.slice(operation.words.length), takesValue(operation, own))
  const has = (flag: string) => line.flags.has(flag)
  if (has('help')) {
    context.print(operationHelp(operation))
    return exitCodes.ok
  }
  if (has('dry-run') && !operation.change)
    throw usage(`--dry-run: “${operation.words.join(' ')}” makes no plan, it acts at once`)
  const passed = new Map([...line.flags].filter(([flag]) => !own.has(flag)))
  const request = buildRequest(operation, { ...line, flags: passed })
  const path = has('dry-run') ? `${request.path}${request.path.includes('?') ? '&' : '?'}dry_run=true` : request.path
  const answer = await context.connection.call(operation.method, path, { body: request.body })
  if (has('json') && !(answer.status === 202 && !has('no-wait'))) {
    context.print(JSON.stringify(answer.body ?? null, null, 2))
    return exitCodes.ok
  }
  if (has('dry-run')) {
    context.print(renderPlan(answer.body as Plan, await sentences(context)))
    return exitCodes.ok
  }
  if (answer.status === 202 && !has('no-wait'))
    return waitForJob(context, answer.body as { job: { id: string } }, has('json'))
  const text = render(answer.body)
  if (text) context.print(text)
  return exitCodes.ok
}

async function waitForJob(context: CliContext, accepted: { job: { id: string } }, json: boolean): Promise<number> {
  const job: JobView = await followJob(context.connection, accepted.job.id, line =>
    json ? undefined : context.print(line),
  )
  if (json) context.print(JSON.stringify({ ...accepted, job }, null, 2))
  return job.state === 'succeeded' ? exitCodes.ok : exitCodes.failed
}

function firstFlag(words: readonly string[]): number {
  const at = words.findIndex(word => word.startsWith('--'))
  return at < 0 ? words.length : at
}

/** Usage, arguments and flags of one command, from its schemas. */
export function operationHelp(operation: Operation): string {
  const lines = [usageOf(operation), '', operation.summary, '']
  for (const [name, schema] of Object.entries({ ...operation.query, ...operation.body?.properties })) {
    const kinds = alternatives(schema)
    const values = kinds.flatMap(
      kind =>
        kind.enum ??
        (kind.properties?.type?.const !== undefined
          ? [kind.properties.type.const]
          : (kind.properties?.type?.enum ?? [])),
    )
    const required = operation.body?.required?.includes(name) ? ' (required)' : ''
    const hint =
      values.length > 0 ? [...new Set(values)].join(' | ') : String(kinds.map(kind => kind.type ?? 'value').join(' | '))
    lines.push(`  --${kebab(name).padEnd(22)} ${hint}${required}`)
  }
  if (operation.change)
    lines.push(
      '  --dry-run                show the plan, change nothing',
      '  --no-wait                do not wait for the job',
    )
  lines.push('  --json                   machine-readable answer')
  return lines.join('\n')
}
