import type { Command } from '../context.js'
import { CliError, exitCodes } from '../exit-codes.js'
import { usageOf } from '../input.js'
import { loadOperations } from '../run-operation.js'

const codes = `Exit codes
  0  done
  1  the panel refused, or the job failed
  2  the command line is wrong
  3  no panel answers
  4  a check found something wrong`

/** Lists what this panel can do now: its API's commands and those of the command line itself. */
export const help: Command = {
  summary: 'List every command',
  usage: 'nusa help',
  async run(context) {
    const { commands } = await import('../commands.js')
    const own = Object.entries(commands).filter(([name]) => !name.startsWith('__'))
    context.print('nusa <command> [arguments] [--json] [--dry-run] [--no-wait] [--help]\n')
    for (const [, command] of own) context.print(`  ${command.usage.padEnd(52)} ${command.summary}`)
    try {
      const named = new Set(own.map(([name]) => name))
      for (const operation of await loadOperations(context)) {
        if (!named.has(operation.words.join(' ')))
          context.print(`  ${usageOf(operation).replace(' [flags]', '').padEnd(52)} ${operation.summary}`)
      }
    } catch (error) {
      if (!(error instanceof CliError)) throw error
      context.print(`\n  (${error.message}; its commands are listed when it runs)`)
    }
    context.print(`\n${codes}`)
    return exitCodes.ok
  },
}
