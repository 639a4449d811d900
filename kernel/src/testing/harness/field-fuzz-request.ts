import type { RegisteredRoute } from '../../http/registered-route.js'
import type { Answer, FuzzClient } from './field-fuzz-client.js'
import { type Payload, percentEncoded } from './field-fuzz-payloads.js'
import { type JsonSchema, jsonSchemaOf, unknownId } from './samples.js'

/** What a request is made of, in the words of a route's declaration. */
export const parts = ['params', 'query', 'header', 'body'] as const
export type Part = (typeof parts)[number]
export type Inputs = Readonly<Record<Part, unknown>>

/** The one value under test. */
export interface Spot {
  readonly part: Part
  /** Of the parameter, or of the body's field, by its own name. */
  readonly key: string
  readonly payload: Payload
}

/** In place of what JSON cannot hold, until the body is written. */
export const hole = '\ue000hole\ue000'

const headers: JsonSchema = {
  type: 'object',
  properties: { 'Plan-Hash': { type: 'string' }, 'Idempotency-Key': { type: 'string' } },
}

/** What the route takes there; undefined when nothing. */
export function schemaOf(route: RegisteredRoute, part: Part): JsonSchema | undefined {
  if (part === 'header') return route.change ? headers : undefined
  return jsonSchemaOf(route[part])
}

/** Sends it as a dry run where there is one. Everything but the spot is written as a careful client would. */
export function send(client: FuzzClient, route: RegisteredRoute, inputs: Inputs, spot?: Spot): Promise<Answer> {
  const written = (part: Part, key: string, value: unknown) =>
    spot?.part === part && spot.key === key ? percentEncoded(spot.payload) : encodeURIComponent(String(value))
  const params = record(inputs.params)
  const path = route.path.replace(/:(\w+)/g, (_, key: string) => written('params', key, params[key] ?? unknownId))
  const query = Object.entries(record(inputs.query)).flatMap(([key, value]) => {
    const pair = `${encodeURIComponent(key)}=${written('query', key, value)}`
    return spot?.part === 'query' && spot.key === key && spot.payload.repeated ? [pair, pair] : [pair]
  })
  if (route.change) query.push('dry_run=true')
  const target = query.length > 0 ? `${path}?${query.join('&')}` : path
  return client.send(route.method, target, body(route, inputs, spot), record(inputs.header) as Record<string, string>)
}

function body(route: RegisteredRoute, inputs: Inputs, spot: Spot | undefined): string | undefined {
  if (!route.body || inputs.body === undefined) return undefined
  const text = JSON.stringify(inputs.body)
  return spot?.payload.json ? text.replace(JSON.stringify(hole), () => spot.payload.json?.(spot.key) ?? '') : text
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return (value ?? {}) as Record<string, unknown>
}
