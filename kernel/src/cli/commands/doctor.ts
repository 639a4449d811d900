import type { CliContext, Command } from '../context.js'
import { CliError, exitCodes } from '../exit-codes.js'
import { dim, green, inert, red, yellow } from '../output.js'

interface Check {
  readonly id: string
  readonly status: 'ok' | 'warning' | 'failed'
  readonly message: string
  readonly remedy?: string
}

const marks = { ok: green('✔'), warning: yellow('!'), failed: red('✖') }

/** Asks the panel to examine itself; when none answers, that is the finding. */
export const doctor: Command = {
  usage: '[--json]',
  flags: { json: 'switch' },
  async run(context, { flags }) {
    const checks = await examine(context)
    if (flags.has('json')) context.print(JSON.stringify(checks, null, 2))
    else {
      for (const check of checks) {
        context.print(`${marks[check.status]} ${inert(check.message)}`)
        if (check.remedy && check.status !== 'ok') context.print(dim(`  ${inert(check.remedy)}`))
      }
    }
    return checks.some(check => check.status === 'failed') ? exitCodes.unhealthy : exitCodes.ok
  },
}

async function examine({ connection, text }: CliContext): Promise<readonly Check[]> {
  try {
    const { body } = await connection.call('GET', '/api/v1/health')
    return (body as { items: readonly Check[] }).items
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== exitCodes.unreachable) throw error
    return [{ id: 'panel', status: 'failed', message: text(error.code, error.params) }]
  }
}
