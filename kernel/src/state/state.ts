import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import knexModule, { type Knex } from 'knex'
import type { Config } from '../config/config.js'
import { isBusy } from './busy.js'
import { StateUnavailable } from './errors.js'
import { SqliteLookup } from './lookup.js'
import { Migrator } from './migrator.js'

const { knex: createKnex } = knexModule

export type Dialect = 'sqlite' | 'postgres'

const kernelMigrations = dirname(fileURLToPath(import.meta.resolve('@nusantara/migrations')))
const retries = 8
/** Failures reach the caller as rejections; knex would print some of them to the console besides. */
const quiet = { warn() {}, error() {}, deprecate() {}, debug() {} }

const openPauseMs = 500

/** PostgreSQL that does not listen yet (ENOENT: on a unix socket), or, 57P03 (cannot_connect_now), is not ready. */
function isStarting(error: unknown): boolean {
  const code = (error as { code?: string }).code
  return code === 'ECONNREFUSED' || code === 'ENOENT' || code === '57P03'
}

/** PostgreSQL: serialization_failure and deadlock_detected; the transaction is tried again as a whole. */
function isTransient(error: unknown): boolean {
  const code = (error as { code?: string }).code
  return code === '40001' || code === '40P01'
}

/** The state store: an embedded SQLite file, or PostgreSQL when `databaseUrl` is set. */
export class State {
  constructor(
    readonly knex: Knex,
    readonly dialect: Dialect,
    private readonly reader?: SqliteLookup,
  ) {}

  /**
   * Opens the store and proves that it answers. @throws StateUnavailable
   *
   * @param waitMs how long PostgreSQL may refuse connections, because it starts
   */
  static async open(config: Pick<Config, 'home' | 'databaseUrl'>, waitMs = 0): Promise<State> {
    const file = join(config.home, 'panel.sqlite')
    const store = config.databaseUrl ? redactUrl(config.databaseUrl) : file
    const dialect = config.databaseUrl ? 'postgres' : 'sqlite'
    const knexConfig = config.databaseUrl ? postgresConfig(config.databaseUrl) : await sqliteConfig(file)
    const knex = createKnex({ ...knexConfig, log: quiet })
    try {
      await answers(knex, dialect === 'postgres' ? waitMs : 0)
      return new State(knex, dialect, config.databaseUrl ? undefined : new SqliteLookup(file))
    } catch (error) {
      await knex.destroy()
      throw StateUnavailable({ store, reason: (error as Error).message }, { cause: error })
    }
  }

  /**
   * Runs `run` in one transaction. `run` awaits nothing but queries of `trx`: with SQLite there is one connection, and
   * whatever else it waited for would wait for it. It may run again after a serialization failure.
   */
  async transaction<T>(run: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.knex.transaction(run)
      } catch (error) {
        if (!isTransient(error) || attempt === retries) throw error
        // Those that met each other should not meet again at once.
        await delay(Math.random() * 5 * 2 ** attempt)
      }
    }
  }

  /**
   * The first row of a fixed query, outside any transaction: for what every request needs. Sees what is committed, in
   * this process and in others.
   *
   * @param sql with `?` for each of the bindings; prepared once and kept, so never put values into it
   */
  async lookup(sql: string, bindings: readonly (string | number)[]): Promise<unknown> {
    try {
      if (this.reader) return this.reader.first(sql, bindings)
    } catch (error) {
      // Busy for a moment: the writing connection waits and tries again.
      if (!isBusy(error)) throw error
    }
    const result: unknown = await this.knex.raw(sql, [...bindings])
    const rows = (this.dialect === 'postgres' ? (result as { rows: unknown[] }).rows : result) as unknown[]
    return rows[0]
  }

  /** Brings the kernel's tables to the newest step. @throws StateNewer, StateHalfMigrated, MigrationFailed */
  async migrate(): Promise<string[]> {
    return new Migrator(this.knex, this.dialect, 'kernel', kernelMigrations).latest()
  }

  /** How far the kernel's tables are from this version. */
  migrations(): ReturnType<Migrator['status']> {
    return new Migrator(this.knex, this.dialect, 'kernel', kernelMigrations).status()
  }

  async rollback(): Promise<string[]> {
    return new Migrator(this.knex, this.dialect, 'kernel', kernelMigrations).rollback()
  }

  /** The same for a plugin, whose steps live in `directory` (compiled). */
  async migratePlugin(id: string, directory: string): Promise<string[]> {
    return new Migrator(this.knex, this.dialect, id, directory).latest()
  }

  async rollbackPlugin(id: string, directory: string): Promise<string[]> {
    return new Migrator(this.knex, this.dialect, id, directory).rollback()
  }

  /** The steps of an owner (`kernel`, or a plugin's id) that the store has. */
  async applied(owner: string): Promise<string[]> {
    return new Migrator(this.knex, this.dialect, owner, kernelMigrations).applied()
  }

  /** Takes back an owner's steps but those in `kept`. @param directory of a plugin's steps; the kernel's own by default */
  async rollbackTo(kept: readonly string[], owner: string, directory = kernelMigrations): Promise<string[]> {
    return new Migrator(this.knex, this.dialect, owner, directory).rollback(kept)
  }

  /**
   * Applies what is missing of the owners' steps in one transaction and rolls it back. Others wait at most ten seconds for
   * tables that it alters. @throws StateNewer, StateHalfMigrated, MigrationFailed
   */
  async rehearseMigrations(owners: readonly { readonly owner: string; readonly directory?: string }[]): Promise<void> {
    const trx = await this.knex.transaction()
    try {
      if (this.dialect === 'postgres') await trx.raw("set local lock_timeout = '10s'")
      for (const { owner, directory = kernelMigrations } of owners)
        await new Migrator(trx, this.dialect, owner, directory).latest()
    } finally {
      await trx.rollback()
    }
  }

  async close(): Promise<void> {
    this.reader?.close()
    await this.knex.destroy()
  }
}

async function answers(knex: Knex, waitMs: number): Promise<void> {
  const end = performance.now() + waitMs
  for (;;) {
    try {
      await knex.raw('select 1')
      return
    } catch (error) {
      if (!isStarting(error) || performance.now() + openPauseMs > end) throw error
      await delay(openPauseMs)
    }
  }
}

async function sqliteConfig(file: string): Promise<Knex.Config> {
  const { sqliteKnexConfig } = await import('./sqlite-client.js')
  return sqliteKnexConfig(file)
}

function postgresConfig(connectionString: string): Knex.Config {
  return { client: 'pg', connection: { connectionString }, pool: { min: 0, max: 10 }, acquireConnectionTimeout: 15_000 }
}

function redactUrl(url: string): string {
  try {
    const parsed = new URL(url)
    parsed.password = ''
    return parsed.href
  } catch {
    return 'DATABASE_URL (not a URL)'
  }
}
