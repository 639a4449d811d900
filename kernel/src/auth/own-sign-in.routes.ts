import { object } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { RouteRegistry } from '../http/route-registry.js'
import { Access } from '../rbac/access.js'
import { idParams, pageOf, password } from '../rbac/schemas.js'
import { code, enrolment, recoveryCodes, sessionInfo, sessionView } from './auth-schemas.js'
import { clientOf } from './client.js'
import { OwnPassword } from './own-password.js'
import { OwnSessions } from './own-sessions.js'
import { SecondFactor } from './second-factor.js'
import { WhoAmI } from './who-am-i.js'

interface PasswordChange {
  readonly current: string
  readonly password: string
}

/** What a person may see and change about their own sign-in. */
@scoped(Lifecycle.ContainerScoped)
export class OwnSignInRoutes {
  constructor(
    private readonly whoAmI: WhoAmI,
    private readonly sessions: OwnSessions,
    private readonly password: OwnPassword,
    private readonly secondFactor: SecondFactor,
    private readonly access: Access,
  ) {}

  register(registry: RouteRegistry): void {
    this.#session(registry)
    this.#otherSessions(registry)
    this.#enrolment(registry)
    this.#secrets(registry)
  }

  #session(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'auth.session',
      method: 'GET',
      path: '/auth/session',
      permission: 'public',
      summary: 'Who is signed in, what they may, and the CSRF token',
      response: sessionInfo,
      cli: false,
      handler: ({ actor }) => this.whoAmI.describe(actor),
    })
    registry.add('kernel', {
      operation: 'auth.sessions',
      method: 'GET',
      path: '/auth/sessions',
      permission: 'authenticated',
      summary: 'Your sessions, the last used first',
      response: pageOf(sessionView),
      cli: false,
      handler: ({ actor }) => this.sessions.list(actor),
    })
  }

  #otherSessions(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'auth.sessions.revokeOthers',
      method: 'DELETE',
      path: '/auth/sessions',
      permission: 'authenticated',
      summary: 'End all your sessions but this one',
      status: 204,
      audit: false,
      cli: false,
      handler: async ({ actor }) => {
        await this.sessions.revokeOthers(actor)
        return undefined
      },
    })
    registry.add('kernel', {
      operation: 'auth.sessions.revoke',
      method: 'DELETE',
      path: '/auth/sessions/:id',
      permission: 'authenticated',
      summary: 'End one of your sessions',
      params: idParams,
      status: 204,
      audit: false,
      cli: false,
      handler: async ({ actor, params }) => {
        await this.sessions.revoke(actor, params.id)
        return undefined
      },
    })
  }

  #enrolment(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'auth.totp.enroll',
      method: 'POST',
      path: '/auth/totp/enroll',
      permission: 'authenticated',
      summary: 'Begin with a second factor: a secret for the authenticator, also as QR code',
      response: enrolment,
      audit: false,
      cli: false,
      handler: async ({ actor }) => {
        this.access.requireRecent(actor)
        return this.secondFactor.enrol(actor)
      },
    })
    registry.add('kernel', {
      operation: 'auth.totp.confirm',
      method: 'POST',
      path: '/auth/totp/confirm',
      permission: 'authenticated',
      summary: 'Turn the second factor on with a first code; answers the recovery codes, once',
      body: object<{ readonly code: string }>({ code: code.required() }),
      response: recoveryCodes,
      audit: false,
      cli: false,
      handler: async ({ actor, body }) => {
        // As for the secret: else who finds an enrolment that was never finished could try codes without end.
        this.access.requireRecent(actor)
        return { recoveryCodes: await this.secondFactor.confirm(actor, body.code) }
      },
    })
    registry.add('kernel', {
      operation: 'auth.totp.disable',
      method: 'DELETE',
      path: '/auth/totp',
      permission: 'authenticated',
      summary: 'Turn the second factor off',
      status: 204,
      audit: false,
      cli: false,
      handler: async ({ actor }) => {
        this.access.requireRecent(actor)
        await this.secondFactor.disable(actor)
        return undefined
      },
    })
  }

  #secrets(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'auth.recoveryCodes',
      method: 'POST',
      path: '/auth/recovery-codes',
      permission: 'authenticated',
      summary: 'New recovery codes in place of the old ones',
      response: recoveryCodes,
      audit: false,
      cli: false,
      handler: async ({ actor }) => {
        this.access.requireRecent(actor)
        return { recoveryCodes: await this.secondFactor.renewRecoveryCodes(actor) }
      },
    })
    registry.add('kernel', {
      operation: 'auth.password',
      method: 'POST',
      path: '/auth/password',
      permission: 'authenticated',
      summary: 'Change your password and end your other sessions',
      body: object<PasswordChange>({ current: password.required(), password: password.required() }),
      status: 204,
      audit: false,
      cli: false,
      handler: async request => {
        const { current, password } = request.body
        request.setCookie(await this.password.change(clientOf(request), current, password))
        return undefined
      },
    })
  }
}
