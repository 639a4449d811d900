import type { IncomingMessage, Server as NodeServer, ServerResponse } from 'node:http'
import type { ServerOptions as TlsOptions } from 'node:https'
import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import RestifyRouter from 'restify/lib/router.js'
import Server from 'restify/lib/server.js'

/** What restify adds to Node's request. */
export type RestifyRequest = IncomingMessage & { params: Record<string, string> }

export interface RouterRoute {
  readonly name: string
}

/** The part of restify's router that is used here; several servers may share one. */
export interface Router {
  readonly _registry: { lookup(method: string, path: string): { readonly route: RouterRoute } | undefined }
}

/** The part of restify's server that is used here. */
export interface RestifyServer {
  readonly server: NodeServer
  readonly router: Router
  first(handler: (request: IncomingMessage, response: ServerResponse) => boolean): void
  on(
    event: 'restifyError',
    listener: (request: RestifyRequest, response: ServerResponse, error: unknown, done: () => void) => void,
  ): void
  on(event: 'error', listener: (error: Error) => void): void
  on(event: 'upgrade', listener: (request: IncomingMessage, socket: Socket, head: Buffer) => void): void
  get: Mount
  post: Mount
  put: Mount
  patch: Mount
  del: Mount
  rm(name: string): boolean
}

type Mount = (
  options: { readonly name: string; readonly path: string },
  handler: (request: RestifyRequest, response: ServerResponse) => Promise<void>,
) => string

/**
 * restify's server and router alone. Its main module loads every plugin it ships with, twice the time for nothing that is used
 * here (measured: 92 of 204 ms).
 */
export function createRouter(log: Logger): Router {
  return new RestifyRouter({ log, maxParamLength: 512 })
}

/** @param tls absent: plain HTTP, for the unix socket */
export function createServer(log: Logger, router: Router, tls?: TlsOptions): RestifyServer {
  return new Server({ name: '', log, router, ...(tls && { httpsServerOptions: tls }) })
}
