import { BrokerInternal, Problem } from '../errors.js'
import type { ErrorData, Method, Methods } from '../protocol.js'
import { type Check, Violation } from '../schema.js'

/** What a handler knows of the request beside its parameters. */
export interface Call {
  /** Aborted when the caller cancels or goes away. Only work that can be left is aborted by it. */
  readonly signal: AbortSignal
  /** Ordinal of the connection over which it came: greater than that of every connection accepted before. */
  readonly connection: number
  /** Sends a piece of output to the caller. A promise: hold back until it resolves. */
  output(channel: 'stdout' | 'stderr', data: Uint8Array): Promise<void> | undefined
}

export type Handler<M extends Method> = (params: Methods[M]['params'], call: Call) => Promise<Methods[M]['result']>

export interface RpcError {
  readonly code: number
  readonly message: string
  readonly data?: ErrorData
}

/** JSON-RPC 2.0 §5.1. */
export const codes = {
  parse: -32700,
  request: -32600,
  method: -32601,
  params: -32602,
  internal: -32603,
  problem: -32000,
} as const

interface Registered {
  readonly check: Check<unknown>
  readonly handle: (params: unknown, call: Call) => Promise<unknown>
  readonly admin: boolean
}

/** The table of methods, filled area by area before the sockets open. */
export class Rpc {
  readonly #methods = new Map<string, Registered>()
  #connections = 0
  #running = 0

  /** Counts one more connection. @returns its ordinal */
  connected(): number {
    return ++this.#connections
  }

  /** Ordinal of the newest connection, 0 before the first. */
  get newestConnection(): number {
    return this.#connections
  }

  /** Requests that are not answered yet, also of clients that went away. */
  get running(): number {
    return this.#running
  }

  /**
   * @param schema validates the parameters and refuses unknown keys; what it returns is what the handler gets
   * @param options `admin`: answered on root's own socket alone
   */
  register<M extends Method>(
    method: M,
    handler: Handler<M>,
    schema: Check<unknown>,
    options: { readonly admin?: boolean } = {},
  ): void {
    if (this.#methods.has(method)) throw new Error(`method ${method} is registered twice`)
    const handle = (params: unknown, call: Call) => handler(params as Methods[M]['params'], call)
    this.#methods.set(method, { check: schema, handle, admin: options.admin ?? false })
  }

  /** Runs one request. Never throws: every failure becomes an error of the wire. */
  async dispatch(
    method: string,
    params: unknown,
    call: Call,
    admin: boolean,
  ): Promise<{ readonly result: unknown } | { readonly error: RpcError }> {
    const registered = this.#methods.get(method)
    if (!registered || (registered.admin && !admin))
      return { error: { code: codes.method, message: 'method not found' } }
    this.#running++
    try {
      return { result: await registered.handle(registered.check(params ?? {}, ''), call) }
    } catch (error) {
      return { error: wireError(method, error) }
    } finally {
      this.#running--
    }
  }
}

function wireError(method: string, error: unknown): RpcError {
  if (error instanceof Violation)
    return {
      code: codes.params,
      message: error.message,
      data: { code: 'param_invalid', params: { param: error.path, reason: error.reason } },
    }
  if (error instanceof Problem)
    return { code: codes.problem, message: error.message, data: { code: error.code, params: error.params } }
  // The cause stays here: it may hold what the caller must not see.
  process.stderr.write(`${method}: ${error instanceof Error ? error.stack : String(error)}\n`)
  const problem = BrokerInternal({ method })
  return { code: codes.internal, message: 'internal error', data: { code: problem.code, params: problem.params } }
}
