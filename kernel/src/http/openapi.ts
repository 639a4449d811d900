import type { Joi } from '@nusantara/sdk'
import { components } from './openapi-components.js'
import type { RegisteredRoute } from './registered-route.js'

type JsonSchema = Record<string, unknown>

/** Joi's own JSON Schema of a value (Standard JSON Schema), where it can say it. */
function jsonSchema(schema: Joi.Schema, direction: 'input' | 'output'): JsonSchema {
  const standard = (
    schema as unknown as { '~standard': { jsonSchema?: Record<string, (options: object) => JsonSchema> } }
  )['~standard']
  const made = standard.jsonSchema?.[direction]?.({ target: 'draft-2020-12' }) ?? {}
  const { $schema: _dialect, ...rest } = made
  return rest
}

/** The OpenAPI 3.1 document of the routes, complete enough to generate the command line from. */
export function openApiDocument(routes: readonly RegisteredRoute[], version: string): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Nusantara Panel', version },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: '__Host-nusa' },
        token: { type: 'http', scheme: 'bearer' },
      },
    },
  }
}

function operation(route: RegisteredRoute): JsonSchema {
  const parameters = [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)]
  return {
    operationId: route.operation,
    summary: route.summary,
    tags: [route.owner === 'kernel' ? (route.operation.split('.')[0] ?? 'kernel') : route.owner],
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && {
      requestBody: requestBody(route.body),
    }),
    responses: responses(route),
    security: route.permission === 'public' ? [] : [{ session: [] }, { token: [] }],
    'x-nusa-permission': route.permission,
    'x-nusa-risk': route.risk,
    'x-nusa-owner': route.owner,
    ...(route.resource && { 'x-nusa-resource': route.resource }),
    ...(route.change && { 'x-nusa-change': true }),
    ...(route.cli !== undefined && { 'x-nusa-cli': route.cli }),
  }
}

/** An object without anything required may be left out whole. */
function requestBody(body: Joi.Schema): JsonSchema {
  const schema = jsonSchema(body, 'input')
  const required = schema.type !== 'object' || schema.required !== undefined
  return { required, content: { 'application/json': { schema } } }
}

function pathParameters({ params }: RegisteredRoute): JsonSchema[] {
  return Object.entries(propertiesOf(params)).map(([name, schema]) => ({ name, in: 'path', required: true, schema }))
}

function queryParameters({ query, change }: RegisteredRoute): JsonSchema[] {
  const required = query ? ((jsonSchema(query, 'input').required as string[] | undefined) ?? []) : []
  const declared = Object.entries(propertiesOf(query)).map(([name, schema]) => {
    return { name, in: 'query', required: required.includes(name), schema }
  })
  const dryRun = { name: 'dry_run', in: 'query', required: false, schema: { type: 'boolean', default: false } }
  return change ? [...declared, dryRun] : declared
}

function headerParameters({ change }: RegisteredRoute): JsonSchema[] {
  if (!change) return []
  return ['Plan-Hash', 'Idempotency-Key'].map(name => ({
    name,
    in: 'header',
    required: false,
    schema: { type: 'string' },
  }))
}

function propertiesOf(schema: Joi.Schema | undefined): Record<string, JsonSchema> {
  return schema ? ((jsonSchema(schema, 'input').properties as Record<string, JsonSchema> | undefined) ?? {}) : {}
}

function responses(route: RegisteredRoute): JsonSchema {
  const { produces, status, response, change } = route
  const reference = (name: string, type = 'application/json') => ({
    [type]: { schema: { $ref: `#/components/schemas/${name}` } },
  })
  return {
    ...(response && {
      [status]: { description: 'Success', content: { [produces]: { schema: jsonSchema(response, 'output') } } },
    }),
    ...(!response && !change && { [status]: { description: 'Done' } }),
    // Whatever answers 202 names a job, also what changes nothing by plan: one that is told to stop, or tried again.
    ...((change || status === 202) && {
      202: { description: 'Accepted; the job does it', content: reference('Accepted') },
    }),
    ...(change && { 200: { description: 'The plan of a dry run', content: reference('Plan') } }),
    default: { description: 'Problem (RFC 9457)', content: reference('Problem', 'application/problem+json') },
  }
}
