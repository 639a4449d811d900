import type { Command } from '../context.js'
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
  summary: 'Check the panel and say how to mend what is wrong',
  usage: 'nusa doctor [--json]',
  async run(context, words) {
    const checks = await examine(context.connection.call('GET', '/api/v1/health'))
    if (words.includes('--json')) context.print(JSON.stringify(checks, null, 2))
    else {
      for (const check of checks) {
        context.print(`${marks[check.status]} ${inert(check.message)}`)
        if (check.remedy && check.status !== 'ok') context.print(dim(`  ${inert(check.remedy)}`))
      }
    }
    return checks.some(check => check.status === 'failed') ? exitCodes.unhealthy : exitCodes.ok
  },
}

async function examine(asked: Promise<{ body: unknown }>): Promise<readonly Check[]> {
  try {
    return ((await asked).body as { items: readonly Check[] }).items
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== exitCodes.unreachable) throw error
    return [{ id: 'panel', status: 'failed', message: error.message }]
  }
}
