import type { FieldProblem } from '@nusantara/sdk'
import { shownKey } from '../../http/text-rules.js'
import type { Answer } from './field-fuzz-client.js'
import type { Part, Spot } from './field-fuzz-request.js'

interface Refusal {
  readonly code: string
  readonly status: number
  readonly params?: Readonly<Record<string, unknown>>
  readonly fields?: readonly FieldProblem[]
}

/** What is known about one request besides its answer. */
export interface Trial extends Spot {
  /** Where the value stands: `aliases.0`. */
  readonly place: readonly string[]
  /** What the harmless value was answered. */
  readonly harmless: Answer
}

const standsIn: Readonly<Record<Part, FieldProblem['in']>> = {
  params: 'path',
  query: 'query',
  header: 'header',
  body: undefined,
}
/** Another path is another route, or none. */
const elsewhere = new Set(['route_not_found', 'method_not_allowed'])

/** What is wrong with how a value was answered; undefined when nothing is. */
export function fault({ status, type, body }: Answer, trial: Trial): string | undefined {
  if (status >= 500) return `${status} ${(body as Partial<Refusal>).code ?? ''}`.trim()
  if (status < 400) return undefined
  if (!type.startsWith('application/problem+json')) return `${status} as '${type}'`
  const refusal = body as Refusal
  if (sameProblem(trial.harmless, refusal)) return undefined
  if (names(refusal, trial) || says(refusal, trial)) return undefined
  const said = refusal.fields?.map(field => `${field.in ?? 'body'}:${field.path}`).join(', ')
  return `${status} ${refusal.code} names ${said ? `'${said}'` : 'no field'}`
}

/** The harmless value is refused for the same reason, so this value is not the reason. */
function sameProblem({ status, body }: Answer, refusal: Refusal): boolean {
  const { code, fields = [] } = (body ?? {}) as Partial<Refusal>
  const paths = (list: readonly FieldProblem[]) => list.map(({ path }) => path).join()
  return status === refusal.status && code === refusal.code && paths(fields) === paths(refusal.fields ?? [])
}

/** The field itself, something inside it, or, for a value that changes what the whole is, what holds it. */
function names({ fields = [] }: Refusal, { place, part }: Trial): boolean {
  const writings = [place, place.map(shownKey)]
  return fields.some(({ path, in: where = 'body', message }) => {
    if (where !== (standsIn[part] ?? 'body') || message === '') return false
    return writings.some(keys => {
      const own = keys.join('.')
      const holders = keys.map((_, index) => keys.slice(0, index + 1).join('.'))
      return path === own || path.startsWith(`${own}.`) || (path !== '' && holders.includes(path))
    })
  })
}

/** Refusals of a whole request: each says which part, and how far or how much. */
function says({ code, params = {}, fields = [] }: Refusal, { part, payload }: Trial): boolean {
  const [field] = fields
  if (code === 'body_too_large') return part === 'body' && field?.path === '' && typeof params.limit === 'number'
  if (code === 'malformed_json')
    return part === 'body' && payload.json !== undefined && typeof params.position === 'number' && field !== undefined
  if (code === 'too_many_attempts') return typeof params.seconds === 'number'
  return part === 'params' && elsewhere.has(code)
}
