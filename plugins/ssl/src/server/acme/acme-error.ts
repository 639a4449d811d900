import { parseRetryAfter } from '../renewal/retry-after.js'

/** A problem document of an authority (RFC 8555 §6.7). */
export interface AcmeProblem {
  readonly type?: string
  readonly detail?: string
  readonly subproblems?: readonly (AcmeProblem & { readonly identifier?: { readonly value?: string } })[]
}

/** The authority answered, and refused. */
export class AcmeError extends Error {
  override readonly name = 'AcmeError'
  /** The last part of the error type, `rateLimited`; empty when it said none. */
  readonly type: string
  readonly detail: string
  readonly subproblems: readonly { readonly name: string; readonly type: string; readonly detail: string }[]

  constructor(
    readonly status: number,
    problem: AcmeProblem,
    /** When it may be asked again. */
    readonly retryAfter: Date | null,
  ) {
    super(`${status} ${problem.type ?? ''} ${problem.detail ?? ''}`)
    this.type = shortType(problem)
    this.detail = clean(problem.detail)
    this.subproblems = (problem.subproblems ?? []).slice(0, 100).map(each => ({
      name: clean(each.identifier?.value),
      type: shortType(each),
      detail: clean(each.detail),
    }))
  }
}

/** The authority did what none may: sent URLs that are not https, a redirect, somebody else's name to prove. */
export class AuthorityFault extends Error {
  override readonly name = 'AuthorityFault'

  constructor(reason: string) {
    super(clean(reason).slice(0, 300))
  }
}

export function acmeError(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, unknown>>,
  now: Date,
): AcmeError {
  const problem = typeof body === 'object' && body !== null ? (body as AcmeProblem) : {}
  const header = headers['retry-after']
  return new AcmeError(status, problem, parseRetryAfter(typeof header === 'string' ? header : null, now))
}

/** What a challenge says of its failure. */
export function problemText(problem: AcmeProblem | undefined): { readonly type: string; readonly detail: string } {
  return { type: shortType(problem ?? {}), detail: clean(problem?.detail) }
}

function shortType({ type }: AcmeProblem): string {
  return typeof type === 'string' ? clean(type.split(':').at(-1)).slice(0, 64) : ''
}

/** Its text ends up in front of people. */
function clean(text: unknown): string {
  return typeof text === 'string' ? text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ').slice(0, 1000) : ''
}
