import 'reflect-metadata'
import { type Actor, anonymous } from '@nusantara/sdk'
import { type DependencyContainer, type InjectionToken, container as root } from 'tsyringe'
import { silent } from '../audit/testing.js'
import type { Config } from '../config/config.js'
import { CONFIG, LOGGER } from '../config/token.js'
import { Access } from '../rbac/access.js'
import { Users } from '../rbac/users.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { Authenticator } from './authenticator.js'
import { Passwords } from './passwords.js'
import { type Client, SignIn } from './sign-in.js'
import { Throttle } from './throttle.js'

/** Moved by tests. */
export class TestClock extends Clock {
  #at = Date.now()
  override now(): Date {
    return new Date(this.#at)
  }
  advance(ms: number): void {
    this.#at += ms
  }
}

class Unthrottled extends Throttle {
  override async enter(): Promise<void> {}
  override async succeeded(): Promise<void> {}
}

export const longPassword = 'seven green umbrellas sing'
export const root1: Actor = {
  kind: 'cli',
  id: 'cli',
  name: 'root',
  assurance: 'full',
  admin: true,
  permissions: new Set(['*']),
  accounts: [],
  locale: 'en',
}

/** Everything of sign-in and access on a store, wired as in a panel, with a clock that stands still. */
export class AuthHarness {
  readonly container: DependencyContainer = root.createChildContainer()
  readonly clock = new TestClock()

  constructor(
    readonly state: State,
    readonly home: string,
    options: {
      readonly throttled?: boolean
      readonly permissions?: boolean
      readonly databaseUrl?: string | undefined
    } = {},
  ) {
    const { databaseUrl } = options
    const config = { home, hosts: [], bcryptCost: 4, ...(databaseUrl && { databaseUrl }) } as Partial<Config> as Config
    this.container.registerInstance(State as unknown as InjectionToken<State>, state)
    this.container.registerInstance(CONFIG, config)
    this.container.registerInstance(LOGGER, silent)
    this.container.registerInstance<Clock>(Clock, this.clock)
    if (!options.throttled) this.container.registerInstance<Throttle>(Throttle, new Unthrottled(state))
    if (options.permissions === false) return
    this.access.define('kernel', {
      'users:read': {},
      'users:write': { risk: 'high' },
      'tokens:write': { risk: 'high', user: true },
      'accounts:read': { user: true },
    })
  }

  get access(): Access {
    return this.container.resolve(Access)
  }
  get users(): Users {
    return this.container.resolve(Users)
  }
  get signIn(): SignIn {
    return this.container.resolve(SignIn)
  }

  async addUser(username: string, roles: string[] = ['user'], password = longPassword): Promise<string> {
    const { id } = await this.users.create(root1, { username, password, locale: 'en', roles })
    return id
  }

  /** Who a request with this Set-Cookie value's cookie is from. */
  async actor(setCookie?: string, address = '192.0.2.1'): Promise<Actor> {
    if (!setCookie) return { ...anonymous, address }
    return this.container.resolve(Authenticator).identify({ cookie: setCookie.split(';')[0], address })
  }

  async client(setCookie?: string, address = '192.0.2.1'): Promise<Client> {
    return { actor: await this.actor(setCookie, address), address, userAgent: 'test' }
  }

  async stop(): Promise<void> {
    await this.container.resolve(Passwords).stop()
  }
}

/** The code of a rejection's Problem; `none` when nothing was rejected. */
export async function problemOf(run: PromiseLike<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof run === 'function' ? run() : run)
    return 'none'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}
