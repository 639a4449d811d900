import type { Joi } from '@nusantara/sdk'
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

const problem = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'params', 'message'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    code: { type: 'string' },
    params: { type: 'object' },
    message: { type: 'string' },
    remedy: { type: 'string' },
    fields: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'code', 'message'],
        properties: {
          path: { type: 'string' },
          code: { type: 'string' },
          message: { type: 'string' },
          params: { type: 'object' },
        },
      },
    },
  },
}

const accepted = {
  type: 'object',
  required: ['job'],
  properties: {
    job: { type: 'object', required: ['id', 'href'], properties: { id: { type: 'string' }, href: { type: 'string' } } },
  },
}

const plan = {
  type: 'object',
  required: ['hash', 'steps', 'files', 'operations', 'packages', 'services', 'late'],
  properties: {
    hash: { type: 'string' },
    steps: { type: 'array', items: { type: 'object' } },
    files: { type: 'array', items: { type: 'object' } },
    operations: { type: 'array', items: { type: 'object' } },
    packages: { type: 'array', items: { type: 'object' } },
    services: { type: 'array', items: { type: 'object' } },
    late: { type: 'boolean' },
  },
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
      schemas: { Problem: problem, Accepted: accepted, Plan: plan },
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
      requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(route.body, 'input') } } },
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
    ...(change && { 202: { description: 'Accepted; the job does it', content: reference('Accepted') } }),
    ...(change && { 200: { description: 'The plan of a dry run', content: reference('Plan') } }),
    default: { description: 'Problem (RFC 9457)', content: reference('Problem', 'application/problem+json') },
  }
}
