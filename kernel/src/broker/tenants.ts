import { mkdirSync, readdirSync } from 'node:fs'
import type { TenantId, TenantInfo } from '@nusantara/sdk'
import type { Accounts } from './accounts.js'
import { ParamInvalid, TenantExists, TenantUnknown } from './errors.js'
import type { Host, UserIdentity } from './host.js'
import { integer, line, object, string } from './schema.js'
import { readStateFile, writeStateFile } from './state-file.js'
import { isTenantForm } from './tenant-id.js'
import { writeBootList } from './tenants/app-sockets.js'
import { makeTenantDirectories, removeTenantDirectories } from './tenants/directories.js'

const check = object(
  {
    tenant: string({ max: 11 }),
    plugin: line({ max: 41 }),
    name: line({ max: 32 }),
    uid: integer(0, 2 ** 31),
    gid: integer(0, 2 ** 31),
    created: line({ max: 32 }),
  },
  { removed: line({ max: 32 }) },
)
type TenantRecord = ReturnType<typeof check>

/** Unix ids of tenants, below those that systemd and containers claim (systemd's UIDS-GIDS.md). */
const ids = { first: 30_000, last: 59_999 }

/**
 * The registry of tenants: which Unix identity each one has, for life. It is the broker's own, so the panel can name
 * a tenant and never a uid. A removed tenant leaves a record, because neither its name nor its uid is given again.
 */
export class Tenants {
  readonly #records = new Map<string, TenantRecord>()
  readonly #directory: string
  /** Creations and removals of one tenant happen one after the other. */
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(
    private readonly host: Host,
    stateDirectory: string,
    private readonly accounts: Accounts,
    private readonly now: () => Date = () => new Date(),
  ) {
    this.#directory = stateDirectory
    mkdirSync(stateDirectory, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(stateDirectory)) {
      if (!name.endsWith('.json')) continue
      const record = check(readStateFile(`${stateDirectory}/${name}`), name)
      this.#records.set(record.tenant, record)
      if (record.removed === undefined) host.rememberTenant(record.tenant, identity(record))
    }
    this.#writeBootList()
  }

  /** Makes the identity and its directories, or completes what an interrupted call began. @throws tenant_exists, param_invalid */
  create(tenant: string, plugin: string): Promise<TenantInfo> {
    return this.#exclusively(tenant, async () => {
      let record = this.#records.get(tenant)
      if (record && (record.removed !== undefined || record.plugin !== plugin)) throw TenantExists({ tenant })
      record ??= this.#register(tenant, plugin)
      await this.accounts.add(identity(record), this.host.tenantPaths(tenant).home)
      this.host.rememberTenant(tenant, identity(record))
      makeTenantDirectories(this.host, tenant)
      return this.#info(record)
    })
  }

  /**
   * Removes the identity; asked again, does nothing. With `keepFiles` home and logs move to the attic of the state
   * directory first. What the tenant owns is deleted under the tenant's own uid.
   *
   * @throws tenant_unknown when it never existed or is another plugin's
   */
  remove(tenant: string, plugin: string, keepFiles: boolean): Promise<void> {
    return this.#exclusively(tenant, async () => {
      const record = this.#records.get(tenant)
      if (!record || record.plugin !== plugin) throw TenantUnknown({ tenant })
      if (record.removed !== undefined) return
      const removed = this.now().toISOString()
      this.host.rememberTenant(tenant, identity(record))
      await removeTenantDirectories(this.host, tenant, keepFiles ? removed.replaceAll(/[:.]/g, '') : undefined)
      await this.accounts.remove(identity(record))
      this.#store({ ...record, removed })
      this.host.rememberTenant(tenant, null)
    })
  }

  /** Undefined when there is no such tenant. */
  describe(tenant: string): TenantInfo | undefined {
    const record = this.#records.get(tenant)
    return record && record.removed === undefined ? this.#info(record) : undefined
  }

  list(): readonly TenantInfo[] {
    return [...this.#records.values()].filter(record => record.removed === undefined).map(record => this.#info(record))
  }

  #register(tenant: string, plugin: string): TenantRecord {
    if (!isTenantForm(tenant)) throw ParamInvalid({ param: 'tenant', reason: 'is not a tenant id' })
    const base = { tenant, plugin, created: this.now().toISOString() }
    const record = this.host.isolation ? { ...base, ...this.#freeIdentity(tenant) } : { ...base, ...this.host.own }
    // Stored before anything exists: a uid that was ever handed out is never handed out again.
    this.#store(record)
    return record
  }

  #freeIdentity(tenant: string): UserIdentity {
    const taken = new Set([...this.#records.values()].map(record => record.uid))
    const highest = Math.max(ids.first - 1, ...taken)
    for (let id = highest + 1; id <= ids.last; id++)
      if (!taken.has(id) && this.accounts.isFree(id))
        return { name: this.accounts.nameOf(tenant, id), uid: id, gid: id }
    throw ParamInvalid({ param: 'tenant', reason: `no user id from ${ids.first} to ${ids.last} is left` })
  }

  #info({ tenant, name, uid }: TenantRecord): TenantInfo {
    const { home, root, log } = this.host.tenantPaths(tenant)
    return { tenant: tenant as TenantId, user: name, uid, home, root, log }
  }

  #store(record: TenantRecord): void {
    writeStateFile(`${this.#directory}/${record.tenant}.json`, record)
    this.#records.set(record.tenant, record)
    this.#writeBootList()
  }

  #writeBootList(): void {
    const living = [...this.#records.values()].filter(({ removed }) => removed === undefined)
    writeBootList(this.host, `${this.#directory}.tmpfiles`, living.map(identity))
  }

  #exclusively<T>(tenant: string, run: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(tenant) ?? Promise.resolve()).then(run, run)
    const settled = turn.then(
      () => {},
      () => {},
    )
    this.#turns.set(tenant, settled)
    settled.then(() => {
      if (this.#turns.get(tenant) === settled) this.#turns.delete(tenant)
    })
    return turn
  }
}

function identity({ name, uid, gid }: TenantRecord): UserIdentity {
  return { name, uid, gid }
}
