import type { HealthView } from '../../health/view.js'
import type { CliContext, Command } from '../context.js'
import { CliError, exitCodes } from '../exit-codes.js'
import { bold, dim, green, inert, red, yellow } from '../output.js'

const marks = { ok: green('✔'), warning: yellow('!'), failed: red('✖') }

/**
 * Asks the panel to examine itself and its host; when none answers, that is a finding, and what can be examined from
 * outside is. `--json` prints the findings as the API has them.
 */
export const doctor: Command = {
  usage: '[--json]',
  flags: { json: 'switch' },
  async run(context, { flags }) {
    const checks = await examine(context)
    if (flags.has('json')) context.print(JSON.stringify(checks, null, 2))
    else show(context, checks)
    return checks.some(check => check.status === 'failed') ? exitCodes.unhealthy : exitCodes.ok
  },
}

function show({ print, text }: CliContext, checks: readonly HealthView[]): void {
  for (const [group, found] of Map.groupBy(checks, check => check.group)) {
    print(bold(text(`doctor.group.${group}`)))
    for (const { status, message, remedy, command } of found) {
      print(`${marks[status]} ${inert(message)}`)
      if (status === 'ok') continue
      if (remedy) print(dim(`  ${inert(remedy)}`))
      if (command) print(`  $ ${inert(command)}`)
    }
  }
  const wrong = checks.filter(check => check.status !== 'ok')
  print(`\n${text('doctor.sum', { count: wrong.length, checks: checks.length })}`)
}

async function examine(context: CliContext): Promise<readonly HealthView[]> {
  try {
    const { body } = await context.connection.call('GET', '/api/v1/health')
    return (body as { items: readonly HealthView[] }).items
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== exitCodes.unreachable) throw error
    // Whoever may not ask would not be able to look either.
    if (error.code === 'socket_forbidden') throw error
    const { socket, reason } = error.params as { socket: string; reason: string }
    const [{ examineWithoutPanel }, { viewOf }] = await Promise.all([
      import('../doctor/without-panel.js'),
      import('../../health/view.js'),
    ])
    const findings = await examineWithoutPanel(context, { socket, reason })
    const { Catalogues } = await import('../../i18n/catalogues.js')
    const texts = new Catalogues()
    return findings.map(found => viewOf(found, ({ code, params }) => texts.format(context.locale, code, params)))
  }
}
