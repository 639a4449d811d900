/** One bad field of an input: where, a stable code, and the values its message needs. */
export interface FieldProblem {
  /** Dotted path as the client wrote it, `aliases.0`; empty for the body as a whole. */
  readonly path: string
  /** The part of the request that it stands in, as OpenAPI calls them. Default `body`. */
  readonly in?: 'path' | 'query' | 'header' | 'body'
  readonly code: string
  /** English text for logs and for clients that show no catalogue; names the field, the cause and the remedy. */
  readonly message: string
  readonly params?: Readonly<Record<string, unknown>>
}

export type FieldPlace = Pick<FieldProblem, 'path' | 'in'>

/**
 * An error a person will read: RFC 9457 on the wire. `code` is stable; the message and the remedy come from the
 * owner's catalogue under `problem.<code>` and `problem.<code>.remedy`, filled with `params`, in the reader's language.
 */
export class Problem extends Error {
  override readonly name = 'Problem'
  constructor(
    readonly code: string,
    readonly status: number,
    readonly params: Readonly<Record<string, unknown>> = {},
    readonly fields: readonly FieldProblem[] = [],
    options?: ErrorOptions,
  ) {
    super(`${code}${Object.keys(params).length ? ` ${JSON.stringify(params)}` : ''}`, options)
  }
}

export type ProblemFactory<P extends Record<string, unknown>> = ((
  ...args: [keyof P] extends [never] ? [params?: P, options?: ErrorOptions] : [params: P, options?: ErrorOptions]
) => Problem) & { readonly code: string; readonly status: number; is(error: unknown): error is Problem }

/**
 * Declares a problem once, in the package's `errors.ts`; the code that throws stays one short line:
 * `throw NameTaken({ name })`.
 *
 * @param code `<plugin>.<what>` for plugins, a bare word for the kernel
 * @param status HTTP status
 * @param field the input's field that is to blame, always or as the parameters say; a form shows the problem's own message
 *   beside it
 */
export function defineProblem<P extends Record<string, unknown> = Record<never, never>>(
  code: string,
  status: number,
  field?: string | ((params: P) => FieldPlace | undefined),
): ProblemFactory<P> {
  const blamed = (params: P | undefined): FieldProblem[] => {
    const place = typeof field === 'function' ? field(params ?? ({} as P)) : field !== undefined && { path: field }
    return place ? [{ ...place, code, message: code, ...(params && { params }) }] : []
  }
  const make = (params?: P, options?: ErrorOptions) => new Problem(code, status, params ?? {}, blamed(params), options)
  return Object.assign(make as unknown as ProblemFactory<P>, {
    code,
    status,
    is: (error: unknown): error is Problem => error instanceof Problem && error.code === code,
  })
}

/** More would help nobody, and a small request must not cause a large answer. */
const mostFields = 64

/** Input that does not validate: 422 with one entry a field, the first 64 of them; `count` says how many there are. */
export function invalidInput(fields: readonly FieldProblem[]): Problem {
  return new Problem('invalid_input', 422, { count: fields.length }, fields.slice(0, mostFields))
}
