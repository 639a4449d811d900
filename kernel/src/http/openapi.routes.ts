import { createHash } from 'node:crypto'
import { Joi } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { kernelVersion } from '../host/places.js'
import { Content } from './content.js'
import { openApiDocument } from './openapi.js'
import type { RouteRegistry } from './route-registry.js'

/** `GET /api/v1/openapi.json`: every route of the enabled owners. */
@scoped(Lifecycle.ContainerScoped)
export class OpenApiRoutes {
  #made: { readonly generation: number; readonly text: string; readonly etag: string } | undefined

  register(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'openapi.read',
      method: 'GET',
      path: '/openapi.json',
      permission: 'authenticated',
      summary: 'This API as OpenAPI 3.1',
      response: Joi.object(),
      cli: false,
      handler: async () => {
        const { text, etag } = this.#document(registry)
        const headers = { 'Cache-Control': 'private, no-cache' }
        return new Content('application/json', text, { etag, compress: true, headers })
      },
    })
  }

  /** Made again only after a route came or went. */
  #document(registry: RouteRegistry): { readonly text: string; readonly etag: string } {
    if (this.#made?.generation === registry.generation) return this.#made
    const text = JSON.stringify(openApiDocument(registry.list(), kernelVersion))
    this.#made = {
      generation: registry.generation,
      text,
      etag: createHash('sha256').update(text).digest('base64url').slice(0, 22),
    }
    return this.#made
  }
}
