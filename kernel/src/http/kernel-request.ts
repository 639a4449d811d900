import type { Page, RouteDefinition, RouteRequest, Submission } from '@nusantara/sdk'
import type { Content } from './content.js'

/** What every handler gets at run time; only kernel routes may rely on more than {@link RouteRequest}. */
export interface KernelRequest<P = unknown, Q = unknown, B = unknown> extends RouteRequest<P, Q, B> {
  /** Adds a whole Set-Cookie value to the answer. */
  setCookie(value: string): void
  readonly userAgent: string | undefined
  /** The client's address; behind a trusted proxy the one it names. */
  readonly address: string
  /** The reader's language: what Accept-Language names alone, else the actor's own; for anonymous ones what it prefers. */
  readonly locale: string
  header(name: string): string | undefined
}

/** A route of the kernel may live outside `/api/v1` and may answer something other than JSON. */
export interface KernelRouteDefinition<P = unknown, Q = unknown, B = unknown, R = unknown>
  extends Omit<RouteDefinition<P, Q, B, R>, 'handler'> {
  /** True: `path` is the whole path. */
  readonly root?: boolean
  /** Content-Type of the answer when it is a {@link Content}. */
  readonly produces?: string
  handler(request: KernelRequest<P, Q, B>): Promise<R | Submission | Page<unknown> | Content | undefined>
}
