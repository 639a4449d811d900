import { Joi, object } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Access } from '../rbac/access.js'
import { RouteNotFound } from './errors.js'
import type { KernelRequest } from './kernel-request.js'
import type { RouteRegistry } from './route-registry.js'
import { Sockets } from './sockets.js'
import { Tickets } from './tickets.js'

interface TicketInput {
  /** Of the socket, without a query. */
  readonly path: string
}

/** `POST /api/v1/tickets`: a pass for one WebSocket handshake. */
@scoped(Lifecycle.ContainerScoped)
export class TicketsRoutes {
  constructor(
    private readonly tickets: Tickets,
    private readonly sockets: Sockets,
    private readonly access: Access,
  ) {}

  register(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'tickets.create',
      method: 'POST',
      path: '/tickets',
      permission: 'authenticated',
      summary: 'Single-use pass, valid for 30 seconds, for one WebSocket handshake',
      body: object<TicketInput>({ path: Joi.string().max(1024).required() }),
      response: Joi.object({ ticket: Joi.string().required(), expiresAt: Joi.string().required() }),
      status: 201,
      cli: false,
      handler: (request: KernelRequest<unknown, unknown, TicketInput>) => this.#issue(request),
    })
  }

  async #issue({ actor, body: { path } }: KernelRequest<unknown, unknown, TicketInput>) {
    const found = this.sockets.find(path)
    if (!found) throw RouteNotFound({ path })
    this.access.require(actor, found.socket.definition.permission)
    return this.tickets.issue(actor, path)
  }
}
