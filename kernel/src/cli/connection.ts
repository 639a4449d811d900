import { request } from 'node:http'
import { CliError, exitCodes } from './exit-codes.js'

export interface Answer {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: unknown
}

export interface ProblemBody {
  readonly code?: string
  readonly message?: string
  readonly detail?: string
  readonly remedy?: string
  readonly fields?: readonly { readonly path: string; readonly message: string }[]
}

/** HTTP over the panel's root-only unix socket: whoever may open it acts as the command line. */
export class Connection {
  constructor(
    readonly socketPath: string,
    private readonly locale: string,
  ) {}

  /** @throws CliError `unreachable`, `failed` with the problem's text */
  async call(
    method: string,
    path: string,
    options: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const answer = await this.#send(method, path, options)
    if (answer.status >= 400) throw new CliError(exitCodes.failed, describe(answer.body as ProblemBody, answer.status))
    return answer
  }

  #send(method: string, path: string, options: { body?: unknown; headers?: Record<string, string> }): Promise<Answer> {
    const payload = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body))
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          socketPath: this.socketPath,
          method,
          path,
          headers: {
            Host: 'localhost',
            Accept: 'application/json',
            'Accept-Language': this.locale,
            ...(payload ? { 'Content-Type': 'application/json', 'Content-Length': payload.length } : {}),
            ...options.headers,
          },
        },
        response => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: parse(Buffer.concat(chunks).toString('utf8'), response.headers['content-type']),
            })
          })
        },
      )
      outgoing.on('error', error => reject(this.#unreachable(error as NodeJS.ErrnoException)))
      outgoing.end(payload)
    })
  }

  #unreachable(error: NodeJS.ErrnoException): CliError {
    const why =
      error.code === 'EACCES'
        ? 'this user may not open it; run the command as root or as the user the panel runs as'
        : 'is the panel running? Start it, or name its state directory with NUSA_HOME'
    return new CliError(
      exitCodes.unreachable,
      `no panel answers on ${this.socketPath} (${error.code ?? error.message}): ${why}`,
    )
  }
}

function parse(text: string, type: string | undefined): unknown {
  if (!type?.includes('json') || type.includes('ndjson') || text === '') return text
  return JSON.parse(text)
}

/** A problem document as a terminal shows it: what, which fields, what to do. */
export function describe(problem: ProblemBody, status: number): string {
  const lines = [problem.message ?? problem.detail ?? problem.code ?? `the panel answered ${status}`]
  for (const field of problem.fields ?? []) lines.push(`  ${field.path}: ${field.message}`)
  if (problem.remedy) lines.push(`  ${problem.remedy}`)
  return lines.join('\n')
}
