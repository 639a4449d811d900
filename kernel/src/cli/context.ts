import type { Connection } from './connection.js'
import type { ParsedLine } from './input.js'
import type { Text } from './texts.js'

export interface CliContext {
  readonly connection: Connection
  /** State directory of the panel that is addressed. */
  readonly home: string
  readonly root: string
  /** Where root speaks with the broker, past the panel. */
  readonly adminSocket: string
  readonly locale: string
  /** What the command line itself says, in the caller's language. */
  readonly text: Text
  /** A line of the answer. */
  print(text: string): void
  /** A line beside the answer: what a person should know and a pipe should not hold. */
  note(text: string): void
}

/** A command that is more than one request. Its summary is the text `summary.<words joined by ->`. */
export interface Command {
  /** What follows the words: `<id> [--json]`. */
  readonly usage: string
  /** Flag → whether it takes a value. Others are refused, and so are more arguments than `usage` shows. */
  readonly flags?: Readonly<Record<string, 'value' | 'switch'>>
  /** Names of positional arguments; those in `optional` may be left out. */
  readonly args?: readonly string[]
  readonly optional?: readonly string[]
  /** Not shown, not completed, and handed its words as they are. */
  readonly hidden?: boolean
  /** @returns the exit code */
  run(context: CliContext, line: ParsedLine): Promise<number>
}

/** The last value of a flag; undefined when it was not given. */
export function flagValue(line: ParsedLine, name: string): string | undefined {
  const value = line.flags.get(name)?.at(-1)
  return value === undefined || value === true ? undefined : value
}
