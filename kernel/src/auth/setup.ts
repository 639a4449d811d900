import { randomBytes, timingSafeEqual } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { newId } from '@nusantara/sdk'
import { inject, Lifecycle, scoped } from 'tsyringe'
import { AuditLog } from '../audit/audit-log.js'
import type { Config } from '../config/config.js'
import { CONFIG } from '../config/token.js'
import { Users } from '../rbac/users.js'
import { State } from '../state/state.js'
import { SetupTokenWrong } from './errors.js'
import { giveToOwner } from './owner.js'
import { Passwords } from './passwords.js'
import { Preferences } from './preferences.js'
import { type Client, type SignedIn, SignIn } from './sign-in.js'
import { Throttle } from './throttle.js'

export interface SetupInput {
  readonly token: string
  readonly username: string
  readonly password: string
  readonly locale: string
}

/** The first administrator. Only who can read this machine's console or files has the one-time token. */
@scoped(Lifecycle.ContainerScoped)
export class Setup {
  readonly #file: string

  constructor(
    private readonly state: State,
    private readonly users: Users,
    private readonly passwords: Passwords,
    private readonly signIn: SignIn,
    private readonly throttle: Throttle,
    private readonly audit: AuditLog,
    private readonly preferences: Preferences,
    @inject(CONFIG) private readonly config: Config,
  ) {
    this.#file = join(config.home, 'setup-token')
  }

  /** Whether a setup token waits to be used. */
  async required(): Promise<boolean> {
    return (await this.#read()) !== null || !(await this.#anyUser())
  }

  /** The token while there is no user, made when needed; null once there is one. */
  async ensureToken(): Promise<string | null> {
    if (await this.#anyUser()) return null
    return (await this.#read()) ?? this.createToken()
  }

  /** The link to print: the token stands after `#`, so it reaches neither server logs nor other sites. */
  async url(port: number): Promise<string | undefined> {
    const token = await this.ensureToken()
    const host = this.config.hosts[0] ?? 'localhost'
    return token ? `https://${host}:${port}/setup#token=${token}` : undefined
  }

  /** A new token even when there are users: with it, who has root on this machine makes another administrator. */
  async createToken(): Promise<string> {
    const token = randomBytes(24).toString('base64url')
    const fresh = `${this.#file}.${randomBytes(6).toString('hex')}`
    const file = await open(fresh, 'wx', 0o600)
    try {
      await file.writeFile(`${token}\n`)
      await file.sync()
      giveToOwner(file.fd, dirname(fresh))
    } finally {
      await file.close()
    }
    await rename(fresh, this.#file)
    return token
  }

  /**
   * Makes an administrator and signs them in; the token is gone. The shell leads the first one through the setting up of
   * the server.
   *
   * @throws SetupTokenWrong, PasswordTooShort, UsernameTaken, …
   */
  async complete(client: Client, input: SetupInput): Promise<SignedIn> {
    const attempt = { kind: 'setup', subject: client.address, address: client.address, known: false } as const
    await this.throttle.enter(attempt)
    await this.#checkToken(client, input.token)
    await this.throttle.succeeded(attempt)
    await this.passwords.check(input.password, input.username, false)
    const hash = await this.passwords.hash(input.password)
    const user = await this.#claimed(input.token, () => this.#create(client, input, hash))
    return this.signIn.open(client, user, 'auth.login')
  }

  async #create(client: Client, input: SetupInput, hash: string): Promise<{ id: string; username: string }> {
    const { username, password, locale } = input
    const id = newId()
    const { actor, requestId } = client
    await this.state.transaction(async trx => {
      await this.users.insert(trx, id, { username, password, locale, roles: ['admin'] }, hash)
      const others = await trx('users').whereNot({ id }).first('id')
      if (!others) await this.preferences.give(trx, id, 'welcome', [])
      const params = { username, locale }
      await this.audit.append(trx, {
        actor,
        action: 'setup.complete',
        target: `user:${id}`,
        params,
        outcome: 'success',
        requestId,
      })
    })
    return { id, username }
  }

  /** Moves the token out of the way, which only one request can do, and puts it back when `run` fails. */
  async #claimed<T>(token: string, run: () => Promise<T>): Promise<T> {
    const claimed = `${this.#file}.${newId()}`
    try {
      await rename(this.#file, claimed)
    } catch {
      throw SetupTokenWrong()
    }
    try {
      // Between check and claim the command line may have put another token there.
      if ((await readFile(claimed, 'utf8')).trim() !== token) throw SetupTokenWrong()
      const result = await run()
      await rm(claimed, { force: true })
      return result
    } catch (error) {
      await rename(claimed, this.#file)
      throw error
    }
  }

  async #checkToken(client: Client, token: string): Promise<void> {
    const right = await this.#read()
    if (right !== null && equal(token, right)) return
    const { actor, requestId } = client
    await this.audit.record({ actor, action: 'setup.complete', outcome: 'failure', requestId })
    throw SetupTokenWrong()
  }

  async #read(): Promise<string | null> {
    try {
      return (await readFile(this.#file, 'utf8')).trim() || null
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  }

  async #anyUser(): Promise<boolean> {
    return (await this.state.knex('users').first('id')) !== undefined
  }
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
