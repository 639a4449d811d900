import { commandHelp, groupHelp, help } from './commands/help.js'
import { commands } from './commands.js'
import type { CliContext, Command } from './context.js'
import { usage } from './exit-codes.js'
import { type ParsedLine, parseLine, unknownFlag } from './input.js'
import { canonicalWords } from './operations.js'
import { ownFlags, runOperation } from './run-operation.js'

/** Finds the command that a line means and runs it. @returns the exit code @throws CliError */
export async function dispatch(context: CliContext, argv: readonly string[]): Promise<number> {
  const words = canonicalWords(switchesLast(argv))
  const asksHelp = helpAsked(words)
  const named = words.filter(word => !word.startsWith('-'))
  if (named.length === 0) return help.run(context, { positional: [], flags: new Map() })
  for (const [name, command] of Object.entries(commands)) {
    const parts = name.split(' ')
    if (!parts.every((part, index) => words[index] === part)) continue
    const rest = words.slice(parts.length)
    if (asksHelp && !command.hidden) return commandHelp(context, name, command)
    return command.run(context, command.hidden ? { positional: rest, flags: new Map() } : lineOf(name, command, rest))
  }
  if (asksHelp && named.length === 1) return groupHelp(context, named[0] as string)
  return runOperation(context, words, asksHelp)
}

/** What the words after a command's name say. @throws CliError `usage` */
export function lineOf(name: string, command: Command, words: readonly string[]): ParsedLine {
  const usageLine = `nusa ${name} ${command.usage}`.trimEnd()
  const flags = command.flags ?? {}
  const line = parseLine(words, flag => flags[flag] === 'value')
  for (const [flag, values] of line.flags) {
    if (!Object.hasOwn(flags, flag)) throw unknownFlag(flag, Object.keys(flags), usageLine)
    if (flags[flag] === 'switch' && values.some(value => value !== true)) throw usage('flag_takes_no_value', { flag })
  }
  const [args, optional] = [command.args ?? [], command.optional ?? []]
  const missing = args[line.positional.length]
  if (missing !== undefined) throw usage('argument_missing', { name: missing, usage: usageLine })
  const extra = line.positional[args.length + optional.length]
  if (extra !== undefined) throw usage('argument_unknown', { word: extra, usage: usageLine })
  return line
}

/** `nusa --json sites list` is `nusa sites list --json`. */
function switchesLast(argv: readonly string[]): readonly string[] {
  const at = argv.findIndex(word => !(word.startsWith('--') && ownFlags.get(word.slice(2)) === 'switch'))
  return at > 0 ? [...argv.slice(at), ...argv.slice(0, at)] : argv
}

function helpAsked(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  return (end < 0 ? words : words.slice(0, end)).some(word => word === '--help' || word === '-h')
}
