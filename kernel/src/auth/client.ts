import type { KernelRequest } from '../http/kernel-request.js'
import type { SignInAnswer } from './auth-schemas.js'
import type { Client, SignedIn } from './sign-in.js'

/** Who asks, for the services of sign-in. */
export function clientOf({ actor, address, userAgent, id }: KernelRequest): Client {
  return { actor, address, userAgent, requestId: id }
}

/** Sends the new session's cookie; the rest is the answer. */
export function answer(request: KernelRequest, { cookie, assurance, csrfToken }: SignedIn): SignInAnswer {
  request.setCookie(cookie)
  return { assurance, csrfToken }
}
