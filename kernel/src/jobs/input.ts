import { extensionsSchema, type FieldProblem, invalidInput, type Joi } from '@nusantara/sdk'
import type { Extensions } from './extensions.js'
import type { AnyDefinition } from './job-types.js'

/**
 * The input checked against the definition's schema, into which the schemas of its extensions are merged under
 * `extensions.<key>`; each of them is optional.
 * @throws Problem `invalid_input`
 */
export function validateInput(definition: AnyDefinition, extensions: Extensions, input: unknown): unknown {
  const { error, value } = schemaOf(definition, extensions).validate(input, { abortEarly: false, convert: false })
  if (!error) return value
  const fields = error.details.map(
    (detail): FieldProblem => ({ path: detail.path.join('.'), code: detail.type, message: detail.message }),
  )
  throw invalidInput(fields)
}

function schemaOf(definition: AnyDefinition, extensions: Extensions): Joi.Schema {
  const own = definition.options.input as Joi.Schema
  if (!definition.extensions.length || own.type !== 'object') return own
  const list = definition.extensions.flatMap(point => extensions.list(point.token as never))
  return (own as Joi.ObjectSchema).keys({ extensions: extensionsSchema(list) as Joi.Schema })
}
