import { type FieldProblem, invalidInput } from '@nusantara/sdk'
import type { Schema as JoiSchema, ValidationErrorItem } from 'joi'
import type { RegisteredRoute } from './registered-route.js'
import { findUnprintable } from './text-rules.js'

/** The inputs of one route with their settings applied once, so that a request compiles nothing. */
export interface Validators {
  readonly params?: JoiSchema
  readonly query?: JoiSchema
  readonly body?: JoiSchema
  readonly multiline: ReadonlySet<string>
}

export function compileValidators(route: RegisteredRoute): Validators {
  const text = { abortEarly: false, convert: true }
  return {
    ...(route.params && { params: route.params.prefs(text) }),
    ...(route.query && { query: route.query.prefs(text) }),
    ...(route.body && { body: route.body.prefs({ abortEarly: false, convert: false }) }),
    multiline: route.multiline,
  }
}

export interface Inputs {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
}

/**
 * Checks all three inputs and answers the accepted values.
 *
 * @throws invalid_input with every bad field of all of them
 */
export function validate(validators: Validators, inputs: Inputs): Inputs {
  const fields: FieldProblem[] = []
  const values = {
    params: part(validators.params, inputs.params, 'params', fields),
    query: part(validators.query, inputs.query, 'query', fields),
    body: part(
      validators.body,
      inputs.body === undefined ? emptyBody(validators.body) : inputs.body,
      'body',
      fields,
      validators.multiline,
    ),
  }
  if (fields.length > 0) throw invalidInput(fields)
  return values
}

function part(
  schema: JoiSchema | undefined,
  value: unknown,
  name: keyof Inputs,
  fields: FieldProblem[],
  multiline?: ReadonlySet<string>,
): unknown {
  const unprintable = findUnprintable(value, '', multiline)
  fields.push(...unprintable.map(field => ({ ...place(name), ...field })))
  if (unprintable.length > 0) return undefined
  if (!schema) return nothing(value, name, fields)
  const { error, value: accepted } = schema.validate(value)
  for (const detail of error?.details ?? []) fields.push(fieldProblem(detail, name))
  return accepted as unknown
}

/** What a route does not declare it does not take; an empty object is nothing. */
function nothing(value: unknown, name: keyof Inputs, fields: FieldProblem[]): undefined {
  if (value === undefined) return undefined
  const keys = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [name]
  for (const path of keys) {
    fields.push({
      path,
      ...place(name),
      code: 'object.unknown',
      message: `${path} is not allowed here; leave it out`,
      params: { label: path },
    })
  }
  return undefined
}

/** As OpenAPI calls the parts of a request; the body is what a field stands in unless it says otherwise. */
function place(part: keyof Inputs): { in?: 'path' | 'query' } {
  return part === 'body' ? {} : { in: part === 'params' ? 'path' : 'query' }
}

/** A missing body is an empty one, so that each missing field is named. */
function emptyBody(schema: JoiSchema | undefined): unknown {
  return schema?.type === 'object' ? {} : undefined
}

function fieldProblem({ path, type, message, context }: ValidationErrorItem, part: keyof Inputs): FieldProblem {
  const at = path.join('.')
  const field = at || part
  return {
    path: at,
    ...place(part),
    code: type,
    message: message ?? `${field} is not valid`,
    params: { ...limits(context), label: field },
  }
}

const told = new Set([
  'limit',
  'valids',
  'encoding',
  'version',
  'multiple',
  'base',
  'main',
  'peers',
  'mainWithLabel',
  'dupePos',
  'pos',
])

/** What a message may say: the rule's own numbers and names, never the value, which can be a secret. */
function limits(context: ValidationErrorItem['context']): Record<string, unknown> {
  const entries = Object.entries(context ?? {}).filter(([key, value]) => told.has(key) && !isReference(value))
  return Object.fromEntries(entries)
}

function isReference(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
