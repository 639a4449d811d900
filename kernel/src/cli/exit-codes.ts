/** What a script may rely on; `nusa help` and the README list them. */
export const exitCodes = {
  ok: 0,
  /** The panel refused the request, or the job failed. */
  failed: 1,
  /** The command line is wrong: unknown command, flag or value. */
  usage: 2,
  /** No panel answers on its socket. */
  unreachable: 3,
  /** A check (`doctor`, `audit verify`) ran and found something wrong. */
  unhealthy: 4,
} as const

/** Ends the command with a sentence for the person, `cli.<code>` of the catalogue, and a code for the script. */
export class CliError extends Error {
  constructor(
    readonly exitCode: number,
    readonly code: string,
    readonly params: Readonly<Record<string, unknown>> = {},
  ) {
    super(`${code} ${JSON.stringify(params)}`)
  }
}

/** The command line is wrong. */
export const usage = (code: string, params?: Readonly<Record<string, unknown>>) =>
  new CliError(exitCodes.usage, code, params)

/** The panel, or the broker, said so in the caller's language already. */
export const said = (text: string) => new CliError(exitCodes.failed, 'said', { text })
