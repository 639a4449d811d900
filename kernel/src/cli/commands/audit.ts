import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { type CliContext, type Command, flagValue } from '../context.js'
import { CliError, exitCodes, usage } from '../exit-codes.js'
import { dim, green, red } from '../output.js'
import { sentences } from '../sentences.js'

interface Report {
  readonly ok: boolean
  readonly entries: number
  readonly segments: number
  readonly checkpoints: number
  readonly problems: readonly { readonly seq: number; readonly problem: string; readonly segment?: string }[]
  readonly limits: readonly { readonly code: string; readonly params?: Readonly<Record<string, unknown>> }[]
}

export const auditVerify: Command = {
  usage: '[--checkpoint <file>|-] [--json]',
  flags: { checkpoint: 'value', json: 'switch' },
  async run(context, line) {
    const file = flagValue(line, 'checkpoint')
    const asked =
      file === undefined
        ? context.connection.call('GET', '/api/v1/audit/verify')
        : context.connection.call('POST', '/api/v1/audit/verify', { body: { checkpoint: await readCheckpoint(file) } })
    const report = (await asked).body as Report
    if (line.flags.has('json')) context.print(JSON.stringify(report, null, 2))
    else await show(context, report)
    return report.ok ? exitCodes.ok : exitCodes.unhealthy
  },
}

async function show(context: CliContext, report: Report): Promise<void> {
  const text = await sentences(context)
  context.print(report.ok ? green(context.text('audit.whole')) : red(context.text('audit.damaged')))
  const { entries, segments, checkpoints } = report
  context.print(context.text('audit.compared', { entries, segments, checkpoints }))
  for (const { seq, problem, segment } of report.problems) {
    const what = text({ code: `audit.problem.${problem}` })
    const where = problem === 'broker' ? 'journal' : segment === undefined ? 'entry' : 'segment'
    context.print(red(`  ${context.text('audit.problem', { where, seq, what, segment: segment ?? '' })}`))
  }
  for (const limit of report.limits) context.print(dim(`  ${text(limit)}`))
}

/** What `nusa audit checkpoint` printed. @throws CliError `usage` naming the file */
async function readCheckpoint(file: string): Promise<unknown> {
  let text: string
  try {
    text = file === '-' ? await readAll(process.stdin) : await readFile(file, 'utf8')
  } catch (error) {
    throw usage('file_unreadable', { file, reason: (error as Error).message })
  }
  try {
    const checkpoint: unknown = JSON.parse(text)
    if ((checkpoint as { format?: unknown } | null)?.format === 'nusantara-audit-checkpoint-1') return checkpoint
  } catch {}
  throw usage('not_a_checkpoint', { file })
}

export const auditCheckpoint: Command = {
  usage: '> checkpoint.json',
  flags: { json: 'switch' },
  async run(context) {
    const { body } = await context.connection.call('POST', '/api/v1/audit/checkpoint')
    if (!body) throw new CliError(exitCodes.failed, 'audit.empty')
    context.print(JSON.stringify(body))
    context.note(dim(context.text('audit.keep-elsewhere')))
    return exitCodes.ok
  },
}

const filters = ['actor', 'action', 'target', 'outcome', 'since', 'until'] as const

export const auditExport: Command = {
  usage: '[--actor <id>] [--action <name>] [--target <name>] [--outcome <outcome>] [--since <date>] [--until <date>]',
  flags: Object.fromEntries(filters.map(filter => [filter, 'value' as const])),
  async run(context, line) {
    const query = new URLSearchParams()
    for (const filter of filters) {
      const value = flagValue(line, filter)
      if (value !== undefined) query.set(filter, value)
    }
    const exported = await context.connection.stream(`/api/v1/audit/export?${query}`)
    try {
      await pipeline(exported, process.stdout, { end: false })
    } catch (error) {
      // Half an export must not pass for a whole one.
      throw new CliError(exitCodes.failed, 'audit.export-broken', { reason: (error as Error).message })
    }
    return exitCodes.ok
  },
}
