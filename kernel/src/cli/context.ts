import type { Connection } from './connection.js'

export interface CliContext {
  readonly connection: Connection
  /** State directory of the panel that is addressed. */
  readonly home: string
  readonly root: string
  readonly locale: string
  print(text: string): void
}

export interface Command {
  readonly summary: string
  readonly usage: string
  /** @returns the exit code */
  run(context: CliContext, words: readonly string[]): Promise<number>
}
