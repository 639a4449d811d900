import type { IncomingMessage } from 'node:http'
import { text as readAll } from 'node:stream/consumers'
import { request } from '../host/node-http.js'
import { CliError, exitCodes, said } from './exit-codes.js'
import { inert } from './output.js'

export interface Answer {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: unknown
}

export interface CallOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
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

  /** @throws CliError `unreachable`, or `failed` with the problem's text */
  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const response = await this.#send(method, path, options)
    const { statusCode: status = 0, headers } = response
    const body = parse(await this.#read(response), headers['content-type'])
    if (status >= 400) throw said(describe(body as ProblemBody, status))
    return { status, headers, body }
  }

  /** A long answer as it comes. @throws what `call` throws; a broken connection ends the stream with an error */
  async stream(path: string): Promise<IncomingMessage> {
    const response = await this.#send('GET', path, { headers: { Accept: '*/*' } })
    if ((response.statusCode ?? 0) < 400) return response
    const problem = parse(await this.#read(response), response.headers['content-type'])
    throw said(describe(problem as ProblemBody, response.statusCode ?? 0))
  }

  #send(method: string, path: string, options: CallOptions): Promise<IncomingMessage> {
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
        resolve,
      )
      outgoing.on('error', error => reject(this.#unreachable(error as NodeJS.ErrnoException)))
      outgoing.end(payload)
    })
  }

  async #read(response: IncomingMessage): Promise<string> {
    try {
      return await readAll(response)
    } catch (error) {
      throw this.#unreachable(error as NodeJS.ErrnoException)
    }
  }

  /** Forbidden, or nobody there (no socket, nobody listening, gone in the middle of the answer). */
  #unreachable({ code, message }: NodeJS.ErrnoException): CliError {
    const forbidden = code === 'EACCES' || code === 'EPERM'
    const broken = code === 'ECONNRESET' || code === 'EPIPE' || message === 'aborted'
    const why = forbidden ? 'socket_forbidden' : broken ? 'connection_broken' : 'panel_unreachable'
    return new CliError(exitCodes.unreachable, why, { socket: this.socketPath, reason: code ?? message })
  }
}

function parse(text: string, type: string | undefined): unknown {
  if (!type?.includes('json') || type.includes('ndjson') || text === '') return text
  return JSON.parse(text)
}

/** A problem document as a terminal shows it: what, which fields, what to do. */
export function describe(problem: ProblemBody, status: number): string {
  const lines = [problem.message ?? problem.detail ?? problem.code ?? `HTTP ${status}`]
  for (const field of problem.fields ?? []) lines.push(`  ${field.path}: ${field.message}`)
  if (problem.remedy) lines.push(`  ${problem.remedy}`)
  return lines.map(inert).join('\n')
}
