import type { ServerResponse } from 'node:http'
import { Lifecycle, scoped } from 'tsyringe'
import type { Exchange } from './exchange.js'
import { Pipeline } from './pipeline.js'
import type { RegisteredRoute } from './registered-route.js'
import type { RestifyRequest, RestifyServer } from './restify.js'
import { RouteRegistry } from './route-registry.js'
import { compileValidators } from './validation.js'

const mounts = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'del' } as const

/** Keeps restify's router equal to the registry, live. */
@scoped(Lifecycle.ContainerScoped)
export class RouteMounts {
  constructor(
    private readonly registry: RouteRegistry,
    private readonly pipeline: Pipeline,
  ) {}

  /** @returns unmounts everything */
  mount(server: RestifyServer, exchangeOf: (response: ServerResponse) => Exchange): () => void {
    const names = new Map<RegisteredRoute, string>()
    const added = (route: RegisteredRoute) => {
      const validators = compileValidators(route)
      // An async handler with two parameters, the only one of its route: nothing it returns can continue a chain.
      const handler = async (_request: RestifyRequest, response: ServerResponse) => {
        await this.pipeline.handle(route, validators, exchangeOf(response))
      }
      names.set(route, server[mounts[route.method]]({ name: route.operation, path: route.path }, handler))
    }
    const removed = (route: RegisteredRoute) => {
      const name = names.get(route)
      if (name !== undefined) server.rm(name)
      names.delete(route)
    }
    const unsubscribe = this.registry.subscribe({ added, removed })
    return () => {
      unsubscribe()
      for (const route of [...names.keys()]) removed(route)
    }
  }
}
