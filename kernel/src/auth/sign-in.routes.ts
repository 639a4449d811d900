import { Joi, object, type Schema } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { RouteRegistry } from '../http/route-registry.js'
import { locale, password, username } from '../rbac/schemas.js'
import { code, signInAnswer } from './auth-schemas.js'
import { answer, clientOf } from './client.js'
import { Setup, type SetupInput } from './setup.js'
import { SignIn } from './sign-in.js'

interface Login {
  readonly username: string
  readonly password: string
}

interface Proof {
  readonly password?: string
  readonly code?: string
}

const setupInput = object<SetupInput>({
  token: Joi.string().max(128).required(),
  username: username.required(),
  password: password.required(),
  locale: locale.default('en'),
})

const proof: Schema<Proof> = Joi.object<Proof>({ password, code }).xor('password', 'code').required()

/** `/setup` and the steps of sign-in. They are public, because they are what makes somebody known. */
@scoped(Lifecycle.ContainerScoped)
export class SignInRoutes {
  constructor(
    private readonly signIn: SignIn,
    private readonly setup: Setup,
  ) {}

  register(registry: RouteRegistry): void {
    this.#setup(registry)
    this.#steps(registry)
    this.#repeats(registry)
  }

  #setup(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'setup.state',
      method: 'GET',
      path: '/setup',
      permission: 'public',
      summary: 'Whether the panel waits for its first administrator',
      response: object<{ readonly required: boolean }>({ required: Joi.boolean().required() }),
      cli: false,
      handler: async () => ({ required: await this.setup.required() }),
    })
    registry.add('kernel', {
      operation: 'setup.complete',
      method: 'POST',
      path: '/setup',
      permission: 'public',
      csrf: false,
      summary: 'Make the first administrator with the one-time token, and sign in',
      body: setupInput,
      response: signInAnswer,
      status: 201,
      audit: false,
      cli: false,
      handler: async request => answer(request, await this.setup.complete(clientOf(request), request.body)),
    })
  }

  #steps(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'auth.login',
      method: 'POST',
      path: '/auth/login',
      permission: 'public',
      csrf: false,
      summary: 'Sign in with name and password',
      body: object<Login>({ username: Joi.string().max(64).required(), password: password.required() }),
      response: signInAnswer,
      audit: false,
      cli: false,
      handler: async request => {
        const { username, password } = request.body
        return answer(request, await this.signIn.login(clientOf(request), username, password))
      },
    })
    registry.add('kernel', {
      operation: 'auth.totp',
      method: 'POST',
      path: '/auth/totp',
      permission: 'public',
      summary: 'Complete the sign-in with a code of the authenticator or a recovery code',
      body: object<{ readonly code: string }>({ code: code.required() }),
      response: signInAnswer,
      audit: false,
      cli: false,
      handler: async request => answer(request, await this.signIn.totp(clientOf(request), request.body.code)),
    })
  }

  #repeats(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'auth.reauthenticate',
      method: 'POST',
      path: '/auth/reauthenticate',
      permission: 'authenticated',
      summary: 'Prove password or code again, for what is of high risk',
      body: proof,
      response: signInAnswer,
      audit: false,
      cli: false,
      handler: async request => answer(request, await this.signIn.reauthenticate(clientOf(request), request.body)),
    })
    registry.add('kernel', {
      operation: 'auth.logout',
      method: 'POST',
      path: '/auth/logout',
      permission: 'public',
      summary: 'End this session',
      status: 204,
      audit: false,
      cli: false,
      handler: async request => {
        request.setCookie(await this.signIn.logout(clientOf(request)))
        return undefined
      },
    })
  }
}
