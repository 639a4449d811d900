import type { Schema } from '@nusantara/sdk'
import type { Description } from 'joi'
import { RouteRejected } from './errors.js'
import type { KernelRouteDefinition } from './kernel-request.js'
import { walkSchema } from './schema-walk.js'

const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
const segment = /^(?:[a-z0-9][a-z0-9._-]*|:[a-zA-Z][a-zA-Z0-9]*)$/
const operationName = /^[a-z][a-z0-9-]*(?:\.[a-zA-Z][a-zA-Z0-9-]*)+$/
const permissionName = /^(?:public|authenticated|[a-z][a-z0-9-]*:[a-z][a-z0-9_-]*)$/

/**
 * Refuses a route that leaves open who may call it or what it takes and gives: what is not declared cannot be checked.
 *
 * @returns paths of body fields that may hold line breaks
 * @throws RouteRejected with the first thing that is missing
 */
export function checkRoute(owner: string, route: KernelRouteDefinition, path: string): ReadonlySet<string> {
  const reject = (reason: string): never => {
    throw RouteRejected({ owner, operation: route.operation ?? '?', reason })
  }
  if (!operationName.test(route.operation ?? '')) reject('operation must be a dotted name such as sites.create')
  if (owner !== 'kernel' && !route.operation.startsWith(`${owner}.`)) reject(`operation must begin with ${owner}.`)
  if (!methods.has(route.method)) reject(`method ${String(route.method)} is not one of ${[...methods].join(', ')}`)
  if (
    !path
      .split('/')
      .slice(1)
      .every(part => segment.test(part))
  )
    reject(`path ${path} holds a malformed segment`)
  if (!permissionName.test(route.permission ?? '')) reject('permission must be public, authenticated or <owner>:<verb>')
  if (owner !== 'kernel' && route.permission.includes(':') && !route.permission.startsWith(`${owner}:`)) {
    reject(`permission must belong to ${owner}`)
  }
  if (!route.summary?.trim()) reject('summary is missing')
  if (typeof route.handler !== 'function') reject('handler is missing')

  const parameters = [...path.matchAll(/:(\w+)/g)].map(match => match[1] ?? '')
  const declared = Object.keys(describe(route.params)?.keys ?? {})
  for (const name of parameters) if (!declared.includes(name)) reject(`params schema does not declare :${name}`)
  for (const name of declared)
    if (!parameters.includes(name)) reject(`params schema declares ${name}, which the path lacks`)
  if (route.resource && !parameters.includes(route.resource.param ?? 'id'))
    reject('resource names a parameter that the path lacks')

  if (route.body && route.method === 'GET') reject('a GET takes no body')
  if (route.change && route.method === 'GET') reject('a GET changes nothing')
  if (route.csrf === false && route.method !== 'GET' && route.permission !== 'public') {
    reject('only a public route may do without the CSRF token')
  }
  const empty = route.status === 202 || route.status === 204 || route.change === true
  if (!route.response && !empty) reject('response schema is missing')
  return checkInputs(route, reject)
}

function checkInputs(route: KernelRouteDefinition, reject: (reason: string) => never): ReadonlySet<string> {
  const multiline = new Set<string>()
  for (const part of ['params', 'query', 'body'] as const) {
    const description = describe(route[part])
    if (!description) continue
    if (description.type === 'any') reject(`${part} schema accepts anything`)
    if (part !== 'body' && description.type !== 'object') reject(`${part} schema must be an object`)
    walkSchema(description, (node, at) => {
      if (acceptsAnything(node)) reject(`${part} schema accepts anything at ${at || 'its top'}`)
      if (part === 'body' && (node.metas as { multiline?: boolean }[] | undefined)?.some(meta => meta.multiline))
        multiline.add(at)
    })
  }
  return multiline
}

function acceptsAnything(node: Description): boolean {
  const flags = (node.flags ?? {}) as { only?: boolean; presence?: string; unknown?: boolean }
  if (flags.only || flags.presence === 'forbidden') return false
  if (node.type === 'any') return !node.whens
  if (node.type === 'object')
    return flags.unknown === true || (!node.keys && !node.patterns && !node.whens && !node.shared)
  return node.type === 'array' && !node.items && !node.ordered
}

function describe(schema: Schema<unknown> | undefined): Description | undefined {
  return schema?.describe()
}
