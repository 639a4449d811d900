import type { IncomingMessage, Server as NodeServer, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { inject, Lifecycle, scoped } from 'tsyringe'
import type { Config } from '../config/config.js'
import { PortTaken } from '../config/errors.js'
import { CONFIG, LOGGER } from '../config/token.js'
import { frontSocketName } from '../host/front-socket.js'
import { ClientAddress } from './client-address.js'
import { ConnectionCap, defaultLimits } from './connection-limits.js'
import { MethodNotAllowed, RouteNotFound, SocketTaken } from './errors.js'
import { type Door, Exchange } from './exchange.js'
import { forwardedFor } from './forwarded-for.js'
import { FrontGate } from './front-gate.js'
import { Pipeline } from './pipeline.js'
import { createRouter, createServer, type RestifyServer, type Router } from './restify.js'
import { RouteMounts } from './route-mounts.js'
import { Shell } from './shell.js'
import { Sockets } from './sockets.js'
import { frontLimits, readTls, serverLimits } from './tls.js'
import { Traffic } from './traffic.js'
import { listenPrivately } from './unix-door.js'

const fallback = 'shell'
const drainMs = 10_000
const lastSecond = 1000

/**
 * HTTPS for browsers and API clients on every configured address, and on unix sockets the doors of the command line and of a
 * web server that publishes the panel under a name of its own.
 */
@scoped(Lifecycle.ContainerScoped)
export class HttpServer {
  readonly #servers: RestifyServer[] = []
  readonly #exchanges = new Map<ServerResponse, Exchange>()
  readonly #cap: ConnectionCap
  #unmount: (() => void) | undefined
  #draining = false

  constructor(
    @inject(CONFIG) private readonly config: Config,
    @inject(LOGGER) private readonly logger: Logger,
    private readonly gate: FrontGate,
    private readonly addresses: ClientAddress,
    private readonly mounts: RouteMounts,
    private readonly pipeline: Pipeline,
    private readonly shell: Shell,
    private readonly sockets: Sockets,
    private readonly traffic: Traffic,
  ) {
    this.#cap = new ConnectionCap(defaultLimits, address => addresses.trusts(address))
  }

  /** @throws PortTaken, SocketTaken, TlsUnreadable */
  async start(): Promise<{ readonly port: number }> {
    const tls = await readTls(this.config.home)
    const router = createRouter(this.logger)
    const port = await this.#listenForBrowsers(() =>
      this.#create(router, 'https', createServer(this.logger, router, { ...tls, ...serverLimits })),
    )
    const cli = this.#create(router, 'cli', createServer(this.logger, router))
    await this.#openDoor(cli, 'cli', this.config.cliSocket ?? join(this.config.home, 'run', 'panel.sock'))
    await this.#openFront(router)
    const [first = cli] = this.#servers
    first.get({ name: fallback, path: '/*' }, async (_request, response) => this.#unrouted(router, this.#of(response)))
    this.#unmount = this.mounts.mount(first, response => this.#of(response))
    return { port }
  }

  /**
   * Drains: takes no more connections, lets running requests finish (10 s, then their signal is aborted), ends streams and
   * sockets, closes idle connections.
   */
  async stop(): Promise<void> {
    if (this.#draining) return
    this.#draining = true
    const closed = Promise.all(this.#servers.map(({ server }) => new Promise(resolve => server.close(resolve))))
    for (const exchange of this.#exchanges.values()) {
      if (exchange.live) exchange.abort('the server stops')
      else if (!exchange.response.headersSent) exchange.response.shouldKeepAlive = false
    }
    this.sockets.close()
    if (!(await within(closed, drainMs))) {
      for (const exchange of this.#exchanges.values()) exchange.abort('the server stops')
      if (!(await within(closed, lastSecond))) for (const { server } of this.#servers) server.closeAllConnections()
      await closed
    }
    this.#unmount?.()
  }

  #create(router: Router, door: Door, server: RestifyServer): RestifyServer {
    server.first((request, response) => this.#admit(door, request, response))
    server.on('restifyError', (_request, response, error, done) => {
      this.#onRouterError(router, this.#of(response), error)
      // restify answers by itself unless it believes that an answer was sent.
      Object.assign(response, { _sent: true })
      done()
    })
    // Without a listener restify would throw what is answered elsewhere: a failed listen rejects start().
    server.on('error', error => this.logger.warn({ err: error }, 'server error'))
    server.on('upgrade', (request, socket, head) => {
      const address = this.#addressOf(door, request)
      if (this.#hasRoom(door, request, address)) void this.sockets.upgrade(request, socket, head, door, address)
    })
    server.server.on('connection', (socket: Socket) => this.traffic.connected(socket))
    if (door === 'https') server.server.prependListener('connection', this.#cap.accept)
    if (door === 'front') server.server.prependListener('connection', this.#cap.acceptUnnamed)
    this.#servers.push(server)
    return server
  }

  /** On the sockets that were handed over, else on every configured address. @throws PortTaken */
  async #listenForBrowsers(create: () => RestifyServer): Promise<number> {
    const portOf = ({ server }: RestifyServer) => (server.address() as AddressInfo).port
    let { port } = this.config
    const handed = this.config.handed?.get('https') ?? []
    for (const fd of handed) {
      const server = create()
      await listenOn(server.server, { fd })
      port = portOf(server)
    }
    if (handed.length) {
      if (port !== this.config.port)
        this.logger.warn(
          { configured: this.config.port, port },
          'the socket unit has another port than the configuration',
        )
      return port
    }
    for (const host of this.config.listen) {
      const server = create()
      await listenOn(server.server, { port, host })
      port = portOf(server)
    }
    return port
  }

  /** Of several processes of one home, which only a shared state has, the first opens it for all. @throws SocketTaken */
  async #openDoor(server: RestifyServer, door: Exclude<Door, 'https'>, path: string): Promise<void> {
    const [fd] = this.config.handed?.get(door) ?? []
    if (fd !== undefined) return listenOn(server.server, { fd })
    try {
      await listenPrivately(server.server, path)
    } catch (error) {
      if (!SocketTaken.is(error) || this.config.databaseUrl === undefined) throw error
      this.logger.info({ path }, 'another process of this home answers on this socket')
      this.#servers.splice(this.#servers.indexOf(server), 1)
    }
  }

  /** On a server its directory is root's, and only the service manager can make it for the web server's group. */
  async #openFront(router: Router): Promise<void> {
    const { frontSocket, handed, home, profile } = this.config
    if (profile === 'system' && !handed?.has('front')) return
    const server = this.#create(router, 'front', createServer(this.logger, router))
    Object.assign(server.server, frontLimits)
    await this.#openDoor(server, 'front', frontSocket ?? join(home, 'run', frontSocketName))
  }

  #addressOf(door: Door, request: IncomingMessage): string {
    const named = forwardedFor(request)
    if (door === 'front') return this.addresses.behindFront(named) ?? ''
    return this.addresses.of(request.socket.remoteAddress, named)
  }

  /** Through the door for a web server, many clients come as one. */
  #hasRoom(door: Door, { socket }: IncomingMessage, address: string): boolean {
    return door !== 'front' || this.#cap.claim(socket, address)
  }

  /** Before routing. False when the answer is given already. */
  #admit(door: Door, request: IncomingMessage, response: ServerResponse): boolean {
    const address = this.#addressOf(door, request)
    const exchange = new Exchange(request, response, door, address)
    this.#exchanges.set(response, exchange)
    response.once('close', () => this.#exchanges.delete(response))
    if (this.#draining) response.shouldKeepAlive = false
    if (!this.#hasRoom(door, request, address)) return false
    try {
      this.gate.check(request, door)
      return true
    } catch (error) {
      this.pipeline.fail(exchange, error)
      return false
    }
  }

  /** What no route takes: the shell's page and files, and under /api nothing. */
  async #unrouted(router: Router, exchange: Exchange): Promise<void> {
    try {
      const path = exchange.request.url?.split('?', 1)[0] ?? '/'
      const allowed = allowedMethods(router, path)
      if (allowed.length > 0) throw refuseMethod(exchange, allowed)
      if (path === '/api' || path.startsWith('/api/')) throw RouteNotFound({ path })
      await this.shell.serve(exchange, path)
    } catch (error) {
      this.pipeline.fail(exchange, error)
    }
  }

  #onRouterError(router: Router, exchange: Exchange, error: unknown): void {
    const status = (error as { statusCode?: number }).statusCode
    const path = exchange.request.url?.split('?', 1)[0] ?? '/'
    const allowed = status === 405 ? allowedMethods(router, path) : []
    if (allowed.length > 0) this.pipeline.fail(exchange, refuseMethod(exchange, allowed))
    else
      this.pipeline.fail(
        exchange,
        status === 404 || status === 405 ? RouteNotFound({ path: path.slice(0, 512) }) : error,
      )
  }

  #of(response: ServerResponse): Exchange {
    const exchange = this.#exchanges.get(response)
    if (!exchange) throw new Error('a response without its exchange')
    return exchange
  }
}

/** @throws PortTaken */
async function listenOn(
  server: NodeServer,
  on: { readonly fd: number } | { readonly port: number; readonly host: string },
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.prependOnceListener('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' && 'port' in on ? PortTaken({ port: on.port, address: on.host }) : error)
    })
    server.listen(on, resolve)
  })
}

/** Methods under which a registered route answers at the path. */
function allowedMethods({ _registry: registry }: Router, path: string): string[] {
  return ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter(method => {
    const name = registry.lookup(method, path)?.route.name
    return name !== undefined && name !== fallback
  })
}

function refuseMethod({ request, response }: Exchange, allowed: readonly string[]): Error {
  response.setHeader('Allow', allowed.join(', '))
  return MethodNotAllowed({ method: request.method ?? '', allowed: allowed.join(', ') })
}

async function within(done: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>(resolve => {
    timer = setTimeout(resolve, ms, false)
  })
  const result = await Promise.race([done.then(() => true), late])
  clearTimeout(timer)
  return result
}
