import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Actor, holds, newId, Problem } from '@nusantara/sdk'
import type { Logger } from 'pino'
import { inject, Lifecycle, scoped } from 'tsyringe'
import type { WebSocket, WebSocketServer } from 'ws'
import { Authenticator } from '../auth/authenticator.js'
import { LOGGER } from '../config/token.js'
import { STATUS_CODES } from '../host/node-http.js'
import { preferredLocale } from '../i18n/locale.js'
import { Access } from '../rbac/access.js'
import { Resources } from '../rbac/resources.js'
import { NotFound, OriginRefused, RouteNotFound, RouteRejected, TicketRefused } from './errors.js'
import type { Door } from './exchange.js'
import { FrontGate } from './front-gate.js'
import { isOwnOrigin } from './guards.js'
import { PathPattern } from './path-pattern.js'
import { ProblemDocuments } from './problem-document.js'
import { parseQuery } from './query.js'
import { findUnprintable } from './text-rules.js'
import { Tickets } from './tickets.js'

export interface SocketDefinition {
  /** Below `/api/v1/<owner>`, or `/api/v1` for the kernel. */
  readonly path: string
  readonly permission: string
  readonly resource?: { readonly type: string; readonly param?: string }
  /**
   * Runs once per connection; the signal is aborted when it closes. A rejection closes it with 1011. It is closed with 1008
   * soon after its session ended or its actor may not any more, and with 1001 when its owner takes the definition back.
   */
  handler(connection: SocketConnection): Promise<void> | void
}

export interface SocketConnection {
  readonly id: string
  readonly actor: Actor
  readonly params: Readonly<Record<string, string>>
  readonly socket: WebSocket
  readonly signal: AbortSignal
}

interface RegisteredSocket {
  readonly owner: string
  readonly pattern: PathPattern
  readonly definition: SocketDefinition
  readonly open: Set<WebSocket>
}

const maxMessageBytes = 256 * 1024
const goingAway = 1001
const policyViolation = 1008
const internalError = 1011
/** Milliseconds between two looks at whether a connection may go on. */
const checkMs = 2_000

/**
 * Interactive streams. A handshake is taken only from the panel's own pages (exact Origin), with a single-use ticket that the
 * same session asked for, and with the permission checked again.
 */
@scoped(Lifecycle.ContainerScoped)
export class Sockets {
  readonly #sockets = new Set<RegisteredSocket>()
  #closing = false
  #server: WebSocketServer | undefined

  constructor(
    private readonly gate: FrontGate,
    private readonly authenticator: Authenticator,
    private readonly access: Access,
    private readonly resources: Resources,
    private readonly tickets: Tickets,
    private readonly problems: ProblemDocuments,
    @inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @returns removes it again and closes its connections */
  addSocket(owner: string, definition: SocketDefinition): () => void {
    const path = owner === 'kernel' ? `/api/v1${definition.path}` : `/api/v1/${owner}${definition.path}`
    const reject = (reason: string) => RouteRejected({ owner, operation: `socket ${path}`, reason })
    if (definition.permission === 'public') throw reject('a socket needs a permission')
    if (this.list().some(({ path: taken }) => taken === path)) throw reject('the path is taken')
    const socket = { owner, pattern: new PathPattern(path), definition, open: new Set<WebSocket>() }
    this.#sockets.add(socket)
    return () => {
      this.#sockets.delete(socket)
      for (const client of socket.open) dismiss(client)
    }
  }

  list(): readonly { readonly owner: string; readonly path: string; readonly permission: string }[] {
    return [...this.#sockets].map(({ owner, pattern, definition }) => ({
      owner,
      path: pattern.path,
      permission: definition.permission,
    }))
  }

  /** Whether a socket lives at the path. */
  find(
    path: string,
  ): { readonly socket: RegisteredSocket; readonly params: Readonly<Record<string, string>> } | undefined {
    for (const socket of this.#sockets) {
      const params = socket.pattern.match(path)
      if (params) return { socket, params }
    }
    return undefined
  }

  /** Answers a handshake (RFC 6455 §4.2). */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, door: Door, address: string): Promise<void> {
    socket.on('error', () => socket.destroy())
    const id = newId()
    try {
      this.gate.check(request, door)
      const { registered, params, actor } = await this.#admit(request, address)
      this.#server ??= await createWebSocketServer()
      // Taken back, with its plugin, while the client was looked at: whoever opens now would be told by nobody.
      if (this.#closing || !this.#sockets.has(registered)) throw RouteNotFound({ path: registered.pattern.path })
      this.#server.handleUpgrade(request, socket, head, webSocket => {
        this.#watch(registered, request, { actor, params, socket: webSocket })
        this.#serve(registered.definition, { id, actor, params, socket: webSocket })
      })
    } catch (error) {
      if (!(error instanceof Problem)) this.logger.error({ err: error, requestId: id }, 'handshake failed')
      this.#refuse(socket, error, id, request)
    }
  }

  /** Tells every open connection that the server goes away. */
  close(): void {
    this.#closing = true
    for (const client of this.#server?.clients ?? []) dismiss(client)
  }

  async #admit(request: IncomingMessage, address: string) {
    const [path = '/'] = (request.url ?? '/').split('?', 1)
    const found = this.find(path)
    if (!found) throw RouteNotFound({ path: path.slice(0, 512) })
    const { definition } = found.socket
    if (!isOwnOrigin(request)) throw OriginRefused({ origin: request.headers.origin ?? '' })
    const actor = await this.#identify(request, address)
    this.access.require(actor, 'authenticated')
    const { ticket } = parseQuery(request.url ?? '')
    if (typeof ticket !== 'string' || !(await this.tickets.redeem(ticket, actor, path))) throw TicketRefused()
    this.access.require(actor, definition.permission)
    if (findUnprintable(found.params).length > 0) throw RouteNotFound({ path: path.slice(0, 512) })
    await this.#checkResource(definition, actor, found.params)
    return { registered: found.socket, params: found.params, actor }
  }

  #identify({ headers: { cookie, authorization } }: IncomingMessage, address: string): Promise<Actor> {
    return this.authenticator.identify({
      address,
      ...(cookie !== undefined && { cookie }),
      ...(authorization !== undefined && { authorization }),
    })
  }

  /** Looks again and again whether what was true at the handshake still is. */
  #watch(
    { definition, open }: RegisteredSocket,
    request: IncomingMessage,
    { actor, params, socket }: Pick<SocketConnection, 'actor' | 'params' | 'socket'>,
  ): void {
    const check = async () => {
      const now = await this.#identify(request, actor.address ?? '')
      const same = now.id === actor.id && now.assurance === 'full'
      if (!same || !(definition.permission === 'authenticated' || holds(now, definition.permission)))
        return socket.close(policyViolation)
      await this.#checkResource(definition, now, params)
    }
    let timer: NodeJS.Timeout
    const later = () => {
      timer = setTimeout(async () => {
        try {
          await check()
        } catch (error) {
          // A store that is away for a moment says nothing about the client.
          if (error instanceof Problem) socket.close(policyViolation)
          else this.logger.error({ err: error }, 'a socket could not be checked')
        }
        if (open.has(socket)) later()
      }, checkMs).unref()
    }
    open.add(socket)
    later()
    socket.once('close', () => {
      clearTimeout(timer)
      open.delete(socket)
    })
  }

  async #checkResource(
    { resource }: SocketDefinition,
    actor: Actor,
    params: Readonly<Record<string, string>>,
  ): Promise<void> {
    if (!resource) return
    const row = await this.resources.find(actor, resource.type, params[resource.param ?? 'id'] ?? '')
    if (!row) throw NotFound({ type: resource.type })
  }

  #serve(definition: SocketDefinition, connection: Omit<SocketConnection, 'signal'>): void {
    const abort = new AbortController()
    const { socket } = connection
    socket.once('close', () => abort.abort())
    socket.on('error', () => socket.terminate())
    Promise.resolve()
      .then(() => definition.handler({ ...connection, signal: abort.signal }))
      .catch((error: unknown) => {
        this.logger.error({ err: error, requestId: connection.id }, 'socket handler failed')
        socket.close(internalError)
      })
  }

  #refuse(socket: Duplex, error: unknown, id: string, request: IncomingMessage): void {
    const document = this.problems.make(error, id, preferredLocale(request.headers['accept-language']))
    const body = JSON.stringify(document)
    const head = [
      `HTTP/1.1 ${document.status} ${STATUS_CODES[document.status] ?? ''}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ]
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  }
}

/** Gives the client a moment to say goodbye. */
function dismiss(client: WebSocket): void {
  client.close(goingAway)
  setTimeout(() => client.terminate(), 1000).unref()
}

/** Loaded with the first handshake. */
async function createWebSocketServer(): Promise<WebSocketServer> {
  const { WebSocketServer } = await import('ws')
  return new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, perMessageDeflate: false })
}
