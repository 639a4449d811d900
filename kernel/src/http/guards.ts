import type { IncomingMessage } from 'node:http'
import type { Actor } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Authenticator } from '../auth/authenticator.js'
import { Access } from '../rbac/access.js'
import { CsrfRefused, OriginRefused } from './errors.js'
import type { RegisteredRoute } from './registered-route.js'

/** Decides whether a request may go on. Each check throws; none of them reads the body. */
@scoped(Lifecycle.ContainerScoped)
export class Guards {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly access: Access,
  ) {}

  /**
   * In this order: is the sign-in complete, is the request the site's own, does the actor hold the permission.
   *
   * @throws Unauthenticated, TotpRequired, OriginRefused, CsrfRefused, Forbidden, ReauthenticationRequired
   */
  check(route: RegisteredRoute, actor: Actor, request: IncomingMessage): void {
    if (route.permission !== 'public') this.access.require(actor, 'authenticated')
    if (route.method !== 'GET') this.#checkForgery(route, actor, request)
    this.access.require(actor, route.permission)
  }

  /**
   * A browser sends its cookie along with requests that another site made it send; the token and the Origin header tell them
   * apart. API tokens and the root socket are never sent along.
   */
  #checkForgery(route: RegisteredRoute, actor: Actor, request: IncomingMessage): void {
    if (actor.kind !== 'user' && actor.kind !== 'anonymous') return
    const { origin } = request.headers
    const session = actor.kind === 'user'
    if (origin === undefined ? session && route.csrf : !isOwnOrigin(request))
      throw OriginRefused({ origin: origin ?? '' })
    if (!session || !route.csrf) return
    const token = request.headers['x-csrf-token']
    if (typeof token !== 'string' || !this.authenticator.verifyCsrf(actor, token)) throw CsrfRefused()
  }
}

/** Whether Origin (RFC 6454) names exactly the host that was asked for; Host was checked before. */
export function isOwnOrigin({ headers: { origin, host } }: IncomingMessage): boolean {
  return origin !== undefined && host !== undefined && origin.toLowerCase() === `https://${host.toLowerCase()}`
}
