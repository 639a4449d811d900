import type { FieldProblem } from '@nusantara/sdk'
import type { Answer } from './field-fuzz-client.js'
import type { Payload } from './field-fuzz-payloads.js'

interface Refusal {
  readonly code: string
  readonly status: number
  readonly params?: Readonly<Record<string, unknown>>
  readonly fields?: readonly FieldProblem[]
}

/** What is known about one request besides its answer. */
export interface Trial {
  readonly payload: Payload
  /** Where the value stands: `aliases.0`. */
  readonly place: readonly string[]
  readonly part: 'params' | 'query' | 'body'
  /** What the harmless value was answered. */
  readonly harmless: Answer
}

/** Refused for size, form of the target or JSON before any field was looked at. */
const wholeRequest = new Set(['body_too_large', 'malformed_target', 'malformed_json'])
/** Say nothing about the value on purpose: who guesses learns nothing. */
const discreet = new Set([401, 403, 404, 405, 429])

/** What is wrong with how a value was answered; undefined when nothing is. */
export function fault({ status, type, body }: Answer, trial: Trial): string | undefined {
  if (status >= 500) return `${status} ${(body as Partial<Refusal>).code ?? ''}`.trim()
  if (status < 400) return undefined
  if (!type.startsWith('application/problem+json')) return `${status} as '${type}'`
  const refusal = body as Refusal
  if (sameProblem(trial.harmless, refusal)) return undefined
  if (names(refusal, trial)) return undefined
  if (wholeRequest.has(refusal.code)) return undefined
  if (discreet.has(status)) return undefined
  const said = refusal.fields?.map(({ path }) => path).join(', ')
  return `${status} ${refusal.code} names ${said ? `'${said}'` : 'no field'}`
}

/** The harmless value is refused for the same reason, so this value is not the reason. */
function sameProblem({ status, body }: Answer, refusal: Refusal): boolean {
  const { code, fields = [] } = (body ?? {}) as Partial<Refusal>
  const paths = (list: readonly FieldProblem[]) => list.map(({ path }) => path).join()
  return status === refusal.status && code === refusal.code && paths(fields) === paths(refusal.fields ?? [])
}

/** The field itself, something inside it, or, for a value that changes what the whole is, what holds it. */
function names({ fields = [], params = {} }: Refusal, { place, payload }: Trial): boolean {
  // Control characters of a key are shown escaped.
  const writings = [place, place.map(part => JSON.stringify(part).slice(1, -1))]
  const near = ({ path }: FieldProblem) =>
    writings.some(parts => {
      const own = parts.join('.')
      const holders = parts.map((_, index) => parts.slice(0, index + 1).join('.'))
      return path === own || path.startsWith(`${own}.`) || (path !== '' && holders.includes(path))
    })
  if (fields.some(near)) return true
  const value = String(payload.value)
  const key = place.at(-1) ?? ''
  return Object.hasOwn(params, key) || (value !== '' && Object.values(params).some(each => each === value))
}
