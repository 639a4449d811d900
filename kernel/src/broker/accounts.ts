import { fixedEnvironment } from './command.js'
import { groups, type UserIdentity, users } from './users.js'

/** How a tenant's Unix user comes to be. */
export interface Accounts {
  add(identity: UserIdentity, home: string): Promise<void>
  remove(identity: UserIdentity): Promise<void>
  /** Whether no user and no group of the host has the id. */
  isFree(id: number): boolean
  /** The name under which programs find the user. */
  nameOf(tenant: string, id: number): string
}

/** Ids without names: in a sandbox nothing outside its own directory is touched, /etc/passwd least of all. */
export class NumericAccounts implements Accounts {
  async add(): Promise<void> {}
  async remove(): Promise<void> {}

  isFree(id: number): boolean {
    return isFree(id, '/etc')
  }

  nameOf(_tenant: string, id: number): string {
    return String(id)
  }
}

/** Users and groups of the host, made by its own tools (useradd(8)), without a password and without a shell. */
export class HostAccounts implements Accounts {
  /** @param prefix directory whose `etc` is meant, for tests; the host's own by default */
  constructor(private readonly prefix = '') {}

  async add({ name, uid, gid }: UserIdentity, home: string): Promise<void> {
    const etc = `${this.prefix}/etc`
    if (!groups(etc).some(group => group.name === name)) await this.#run('groupadd', [`--gid=${gid}`, '--', name])
    if (users(etc).some(user => user.name === name)) return
    await this.#run('useradd', [
      `--uid=${uid}`,
      `--gid=${gid}`,
      '--no-create-home',
      `--home-dir=${home}`,
      '--shell=/usr/sbin/nologin',
      '--no-log-init',
      '--',
      name,
    ])
  }

  async remove({ name }: UserIdentity): Promise<void> {
    const etc = `${this.prefix}/etc`
    if (users(etc).some(user => user.name === name)) await this.#run('userdel', ['--', name])
    if (groups(etc).some(group => group.name === name)) await this.#run('groupdel', ['--', name])
  }

  isFree(id: number): boolean {
    return isFree(id, `${this.prefix}/etc`)
  }

  nameOf(tenant: string): string {
    return tenant
  }

  async #run(tool: string, argv: readonly string[]): Promise<void> {
    const { execa } = await import('execa')
    await execa(`/usr/sbin/${tool}`, [...(this.prefix ? [`--prefix=${this.prefix}`] : []), ...argv], {
      extendEnv: false,
      env: { ...fixedEnvironment },
      stdin: 'ignore',
      timeout: 30_000,
      cwd: '/',
    })
  }
}

function isFree(id: number, etc: string): boolean {
  return users(etc).every(user => user.uid !== id) && groups(etc).every(group => group.gid !== id)
}
