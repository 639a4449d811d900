import type { Command } from '../context.js'
import { exitCodes } from '../exit-codes.js'
import { dim, green, red } from '../output.js'
import { sentences } from '../sentences.js'

interface Report {
  readonly ok: boolean
  readonly entries: number
  readonly checkpoints: number
  readonly problems: readonly { readonly seq: number; readonly problem: string }[]
  readonly limits: readonly { readonly code: string; readonly params?: Readonly<Record<string, unknown>> }[]
}

export const auditVerify: Command = {
  summary: 'Check the audit log and the broker journal for forgery',
  usage: 'nusa audit verify [--json]',
  async run(context, words) {
    const report = (await context.connection.call('GET', '/api/v1/audit/verify')).body as Report
    if (words.includes('--json')) context.print(JSON.stringify(report, null, 2))
    else {
      context.print(report.ok ? green('The audit log is whole.') : red('The audit log was tampered with.'))
      const text = await sentences(context)
      context.print(`${report.entries} entries, compared with ${report.checkpoints} signed checkpoints`)
      for (const { seq, problem } of report.problems)
        context.print(red(`  entry ${seq}: ${text({ code: `audit.problem.${problem}` })}`))
      for (const limit of report.limits) context.print(dim(`  ${text(limit)}`))
    }
    return report.ok ? exitCodes.ok : exitCodes.unhealthy
  },
}

export const auditExport: Command = {
  summary: 'Write the audit log as one JSON object a line',
  usage: 'nusa audit export > audit.ndjson',
  async run(context) {
    const { body } = await context.connection.call('GET', '/api/v1/audit/export', { headers: { Accept: '*/*' } })
    process.stdout.write(typeof body === 'string' ? body : `${JSON.stringify(body)}\n`)
    return exitCodes.ok
  },
}
