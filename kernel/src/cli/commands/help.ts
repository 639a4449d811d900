import type { CliContext, Command } from '../context.js'
import { CliError, exitCodes } from '../exit-codes.js'
import { usageOf } from '../input.js'
import { findOperation } from '../operations.js'
import { dim } from '../output.js'
import { loadOperations } from '../run-operation.js'
import { padEnd } from '../width.js'

const usageWidth = 52

/** Lists what this panel can do now: its API's commands and those of the command line itself. */
export const help: Command = {
  usage: '[<group>]',
  optional: ['group'],
  async run(context, { positional: [group] }) {
    if (group !== undefined) return groupHelp(context, group)
    context.print(`nusa <${context.text('help.command')}> [--json] [--dry-run] [--no-wait] [--help]\n`)
    context.print(lines(await everyCommand(context)))
    context.print(`\n${context.text('help.exit-codes')}`)
    return exitCodes.ok
  },
}

/** `nusa sites --help`: the commands that begin with the word. @throws CliError `usage` when none does */
export async function groupHelp(context: CliContext, group: string): Promise<number> {
  const found = (await everyCommand(context)).filter(each => each.name.split(' ')[0] === group)
  if (found.length === 0) findOperation(await loadOperations(context), [group], await ownNames())
  context.print(lines(found))
  return exitCodes.ok
}

/** `nusa doctor --help`. */
export async function commandHelp(context: CliContext, name: string, command: Command): Promise<number> {
  const flags = Object.keys(command.flags ?? {}).map(
    flag => `  ${padEnd(`--${flag}`, 24)} ${context.text(`flag.${flag}`)}`,
  )
  const head = [usage(name, command), '', summary(context, name)]
  context.print([...head, ...(flags.length > 0 ? ['', ...flags] : [])].join('\n'))
  return exitCodes.ok
}

interface Listed {
  readonly name: string
  readonly usage: string
  readonly summary: string
}

async function everyCommand(context: CliContext): Promise<readonly Listed[]> {
  const { commands } = await import('../commands.js')
  const own = Object.entries(commands)
    .filter(([, command]) => !command.hidden)
    .map(([name, command]) => ({ name, usage: usage(name, command), summary: summary(context, name) }))
  try {
    const offered = (await loadOperations(context)).map(operation => {
      const name = operation.words.join(' ')
      return { name, usage: usageOf(operation).replace(' [flags]', ''), summary: operation.summary }
    })
    return [...own, ...offered.filter(({ name }) => !commands[name])].sort((a, b) => a.name.localeCompare(b.name))
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    context.note(dim(`${context.text(error.code, error.params)}\n${context.text('help.more-when-running')}\n`))
    return own
  }
}

async function ownNames(): Promise<string[]> {
  const { commands } = await import('../commands.js')
  return Object.keys(commands)
}

const usage = (name: string, command: Command) => `nusa ${name} ${command.usage}`.trimEnd()
const summary = (context: CliContext, name: string) => context.text(`summary.${name.replaceAll(' ', '-')}`)

function lines(listed: readonly Listed[]): string {
  return listed.map(each => `  ${padEnd(each.usage, usageWidth)} ${each.summary}`).join('\n')
}
