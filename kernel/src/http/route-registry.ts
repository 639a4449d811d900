import type { RouteDefinition, StreamDefinition } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Access } from '../rbac/access.js'
import { RouteRejected } from './errors.js'
import type { KernelRouteDefinition } from './kernel-request.js'
import type { RegisteredRoute } from './registered-route.js'
import { checkRoute } from './route-rules.js'

export interface RegisteredStream extends StreamDefinition {
  readonly owner: string
}

/** Told of every route as it comes and goes; the server mounts and unmounts by it. */
export interface RouteListener {
  added(route: RegisteredRoute): void
  removed(route: RegisteredRoute): void
}

const defaultBodyLimit = 64 * 1024

/** Every route and stream of the enabled owners. The server, OpenAPI, the command line and the test harnesses read it. */
@scoped(Lifecycle.ContainerScoped)
export class RouteRegistry {
  readonly #routes = new Map<string, RegisteredRoute>()
  readonly #shapes = new Map<string, RegisteredRoute>()
  readonly #streams = new Map<string, RegisteredStream>()
  readonly #listeners = new Set<RouteListener>()
  #generation = 0

  constructor(private readonly access: Access) {}

  /** Counts every change, so that what is derived from the routes can be kept until the next one. */
  get generation(): number {
    return this.#generation
  }

  /**
   * Adds a route, live at once. Plugin routes are mounted at `/api/v1/<plugin>`, the kernel's at `/api/v1`.
   *
   * @returns removes it again, live
   * @throws RouteRejected when it does not declare what it must, or its operation or path is taken
   */
  add<P, Q, B, R>(owner: string, definition: KernelRouteDefinition<P, Q, B, R>): () => void
  add<P, Q, B, R>(owner: string, definition: RouteDefinition<P, Q, B, R>): () => void
  add(owner: string, definition: unknown): () => void {
    const route = this.#complete(owner, definition as KernelRouteDefinition)
    const shape = shapeOf(route)
    const taken = this.#routes.get(route.operation) ?? this.#shapes.get(shape)
    if (taken) {
      const reason = `${route.method} ${route.path} is already ${taken.operation} of ${taken.owner} (${taken.method} ${taken.path})`
      throw RouteRejected({ owner, operation: route.operation, reason })
    }
    this.#routes.set(route.operation, route)
    this.#shapes.set(shape, route)
    this.#generation++
    for (const listener of this.#listeners) listener.added(route)
    return () => {
      if (this.#routes.get(route.operation) !== route) return
      this.#routes.delete(route.operation)
      this.#shapes.delete(shape)
      this.#generation++
      for (const listener of this.#listeners) listener.removed(route)
    }
  }

  /**
   * Adds a topic pattern of the event stream: an exact name, or a prefix followed by `*`.
   *
   * @returns removes it again; listeners of the topic get nothing more
   */
  addStream(owner: string, definition: StreamDefinition): () => void {
    if (!/^[a-z][a-z0-9._-]*(?::\*)?$/.test(definition.topic)) {
      throw RouteRejected({ owner, operation: definition.topic, reason: 'a topic is a name, or a name followed by :*' })
    }
    const taken = this.#streams.get(definition.topic)
    if (taken)
      throw RouteRejected({ owner, operation: definition.topic, reason: `the topic belongs to ${taken.owner}` })
    const stream = {
      ...definition,
      owner,
      ...(definition.authorize && { authorize: definition.authorize.bind(definition) }),
    }
    this.#streams.set(stream.topic, stream)
    return () => {
      if (this.#streams.get(stream.topic) === stream) this.#streams.delete(stream.topic)
    }
  }

  /** The stream that a topic such as `job:0192…` belongs to. */
  stream(topic: string): RegisteredStream | undefined {
    const colon = topic.indexOf(':')
    return this.#streams.get(colon < 0 ? topic : `${topic.slice(0, colon)}:*`)
  }

  /** All routes by operation name, with everything that a test generator needs. */
  list(): readonly RegisteredRoute[] {
    return [...this.#routes.values()].sort((a, b) => (a.operation < b.operation ? -1 : 1))
  }

  streams(): readonly RegisteredStream[] {
    return [...this.#streams.values()]
  }

  /** Calls `added` for every route there is and from then on for every change. */
  subscribe(listener: RouteListener): () => void {
    for (const route of this.#routes.values()) listener.added(route)
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #complete(owner: string, definition: KernelRouteDefinition): RegisteredRoute {
    const path = fullPath(owner, definition)
    const multiline = checkRoute(owner, definition, path)
    const { access } = this
    return {
      owner,
      operation: definition.operation,
      method: definition.method,
      path,
      permission: definition.permission,
      get risk() {
        return access.find(definition.permission)?.risk ?? 'low'
      },
      ...(definition.resource && {
        resource: { type: definition.resource.type, param: definition.resource.param ?? 'id' },
      }),
      summary: definition.summary,
      ...(definition.params && { params: definition.params }),
      ...(definition.query && { query: definition.query }),
      ...(definition.body && { body: definition.body }),
      ...(definition.response && { response: definition.response }),
      status: definition.status ?? (definition.response ? 200 : definition.change ? 202 : 204),
      produces: definition.produces ?? 'application/json',
      change: definition.change ?? false,
      csrf: definition.csrf ?? definition.method !== 'GET',
      bodyLimit: definition.bodyLimit ?? defaultBodyLimit,
      // A submitted job records itself, in the transaction that queues it.
      audit: definition.audit ?? (definition.method !== 'GET' && !definition.change),
      cli: definition.cli,
      multiline,
      handler: request => definition.handler(request),
    }
  }
}

function fullPath(owner: string, { path, root, operation }: KernelRouteDefinition): string {
  if (!path?.startsWith('/')) throw RouteRejected({ owner, operation, reason: 'path must begin with /' })
  if (root && owner !== 'kernel')
    throw RouteRejected({ owner, operation, reason: 'only the kernel has routes outside /api/v1' })
  const base = root ? '' : owner === 'kernel' ? '/api/v1' : `/api/v1/${owner}`
  return path === '/' ? base || '/' : base + path
}

/** Two paths that differ only in parameter names are one to the router. */
function shapeOf({ method, path }: { method: string; path: string }): string {
  return `${method} ${path.replaceAll(/:\w+/g, ':')}`
}
