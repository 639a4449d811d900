import { fixedEnvironment } from './command.js'
import { TenantAccountFailed } from './errors.js'
import { leftovers } from './tenants/leftovers.js'
import type { TransientUnits } from './transient-unit.js'
import { groups, type UserIdentity, users } from './users.js'

/** How a tenant's Unix user comes to be. */
export interface Accounts {
  add(identity: UserIdentity, home: string): Promise<void>
  /** Removes the user, its group, and what the host keeps under its name. */
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

/** Runs a tool of the host for one user. @param purpose names the run */
export type RunTool = (
  purpose: { readonly name: string; readonly verb: string },
  command: readonly [string, ...string[]],
) => Promise<void>

/** Users and groups of the host, made by its own tools (useradd(8)), without a password and without a shell. */
export class HostAccounts implements Accounts {
  /** @param prefix directory whose `etc` is meant, for tests; the host's own by default */
  constructor(
    private readonly run: RunTool,
    private readonly prefix = '',
  ) {}

  async add({ name, uid, gid }: UserIdentity, home: string): Promise<void> {
    const etc = `${this.prefix}/etc`
    if (!groups(etc).some(group => group.name === name)) await this.#tool(name, 'groupadd', [`--gid=${gid}`])
    if (users(etc).some(user => user.name === name)) return
    await this.#tool(name, 'useradd', [
      `--uid=${uid}`,
      `--gid=${gid}`,
      '--no-create-home',
      `--home-dir=${home}`,
      '--shell=/usr/sbin/nologin',
      '--no-log-init',
    ])
  }

  async remove({ name, uid }: UserIdentity): Promise<void> {
    const etc = `${this.prefix}/etc`
    // While the user is there: what is left behind would be somebody's for whom there is no name any more.
    const { files, units } = leftovers({ name, uid }, this.prefix)
    if (units.length) await this.#try(name, 'systemctl', ['/usr/bin/systemctl', 'stop', '--quiet', '--', ...units])
    if (files.length) await this.#try(name, 'rm', ['/usr/bin/rm', '--force', '--', ...files])
    if (users(etc).some(user => user.name === name)) await this.#tool(name, 'userdel', [])
    if (groups(etc).some(group => group.name === name)) await this.#tool(name, 'groupdel', [])
  }

  isFree(id: number): boolean {
    return isFree(id, `${this.prefix}/etc`)
  }

  nameOf(tenant: string): string {
    return tenant
  }

  #tool(name: string, tool: string, options: readonly string[]): Promise<void> {
    const prefix = this.prefix ? [`--prefix=${this.prefix}`] : []
    return this.#try(name, tool, [`/usr/sbin/${tool}`, ...prefix, ...options, '--', name])
  }

  async #try(name: string, verb: string, command: readonly [string, ...string[]]): Promise<void> {
    try {
      await this.run({ name, verb }, command)
    } catch (error) {
      throw TenantAccountFailed({ tenant: name, output: (error as Error).message }, { cause: error as Error })
    }
  }
}

/** Where useradd(8) and its kin write, and what of a user lies elsewhere; nothing else of the host is theirs. */
const writable = ['/etc', '-/var/spool/cron', '-/var/mail', '-/var/lib/systemd/linger']

/** Each tool in a unit of its own, so that the broker itself needs no right to write passwd(5) and shadow(5). */
export function inTransientUnits(units: Pick<TransientUnits, 'run'>): RunTool {
  return ({ name, verb }, command) =>
    units.run({
      unit: `nusantara-account-${verb}-${name}`,
      description: `Account of the site ${name}: ${verb}`,
      properties: [
        'ProtectSystem=strict',
        `ReadWritePaths=${writable.join(' ')}`,
        'ProtectHome=yes',
        'PrivateNetwork=yes',
        'CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID CAP_AUDIT_WRITE',
        'RestrictAddressFamilies=AF_UNIX AF_NETLINK',
        'RestrictSUIDSGID=yes',
        'MemoryDenyWriteExecute=yes',
        'SystemCallFilter=@system-service',
        'UMask=0022',
      ],
      command,
      timeout: 60,
    })
}

/** As a child of the broker, where there is no systemd to ask. */
export const asChild: RunTool = async (_purpose, [file, ...argv]) => {
  const { execa } = await import('execa')
  await execa(file, argv, {
    extendEnv: false,
    env: { ...fixedEnvironment },
    stdin: 'ignore',
    timeout: 30_000,
    cwd: '/',
  })
}

function isFree(id: number, etc: string): boolean {
  return users(etc).every(user => user.uid !== id) && groups(etc).every(group => group.gid !== id)
}
