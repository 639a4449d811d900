import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Knex } from 'knex'
import { MigrationFailed, StateHalfMigrated, StateNewer } from './errors.js'

interface MigrationModule {
  up(knex: Knex): Promise<void>
  down(knex: Knex): Promise<void>
}

const advisoryLock = 7_239_411_002

/**
 * Brings one owner's tables to the newest step. Each step and its record are one transaction (both stores have
 * transactional DDL), so a killed start leaves a whole number of steps and the next one goes on. knex's own migrator
 * keeps a lock row beside the steps, which a kill leaves set.
 */
export class Migrator {
  readonly #table: string

  constructor(
    private readonly knex: Knex,
    private readonly dialect: 'sqlite' | 'postgres',
    private readonly owner: string,
    private readonly directory: string,
  ) {
    this.#table = `${owner.replaceAll('-', '_')}_migrations`
  }

  /** Applies what is missing, in order of name. Answers the names that this call applied; another start may apply some. */
  async latest(): Promise<string[]> {
    await this.#ensureTable()
    const known = await this.#known()
    const pending = this.#pending(known, await this.#applied())
    const applied: string[] = []
    for (const name of pending) if (await this.#apply(name)) applied.push(name)
    return applied
  }

  /** Steps that are not applied, and applied ones that this version does not know. */
  async status(): Promise<{ readonly pending: readonly string[]; readonly unknown: readonly string[] }> {
    const [known, applied] = await Promise.all([this.#known(), this.applied()])
    return {
      pending: known.filter(name => !applied.includes(name)),
      unknown: applied.filter(name => !known.includes(name)),
    }
  }

  /** The steps that the store has; none when it has nothing of the owner. */
  async applied(): Promise<string[]> {
    return (await this.knex.schema.hasTable(this.#table)) ? this.#applied() : []
  }

  /** Takes back every applied step but those in `kept`, newest first. */
  async rollback(kept: readonly string[] = []): Promise<string[]> {
    await this.#ensureTable()
    const applied = (await this.#applied()).toReversed().filter(name => !kept.includes(name))
    for (const name of applied) {
      const step = await this.#load(name)
      await this.#locked(async trx => {
        await step.down(trx)
        await trx(this.#table).where({ name }).delete()
      })
    }
    return applied
  }

  async #ensureTable(): Promise<void> {
    if (await this.knex.schema.hasTable(this.#table)) return
    await this.#locked(async trx => {
      if (await trx.schema.hasTable(this.#table)) return
      await trx.schema.createTable(this.#table, table => {
        table.text('name').primary()
        table.text('applied_at').notNullable()
      })
    })
  }

  async #known(): Promise<string[]> {
    const files = await readdir(this.directory)
    return files
      .filter(file => /^\d{4}_[a-z0-9_]+\.js$/.test(file))
      .map(file => file.slice(0, -3))
      .sort()
  }

  async #applied(): Promise<string[]> {
    const rows: { name: string }[] = await this.knex(this.#table).select('name').orderBy('name')
    return rows.map(row => row.name)
  }

  #pending(known: readonly string[], applied: readonly string[]): string[] {
    const unknown = applied.find(name => !known.includes(name))
    if (unknown) throw StateNewer({ owner: this.owner, migration: unknown })
    const missing = known.filter(name => !applied.includes(name))
    const newest = applied.at(-1)
    const gap = missing[0]
    if (gap && newest && gap < newest) throw StateHalfMigrated({ owner: this.owner, migration: gap, later: newest })
    return missing
  }

  /** False when another start was first. @throws MigrationFailed */
  async #apply(name: string): Promise<boolean> {
    try {
      const step = await this.#load(name)
      return await this.#locked(async trx => {
        if (await trx(this.#table).where({ name }).first()) return false
        await step.up(trx)
        await trx(this.#table).insert({ name, applied_at: new Date().toISOString() })
        return true
      })
    } catch (error) {
      throw MigrationFailed(
        { owner: this.owner, migration: name, reason: String((error as Error).message) },
        { cause: error },
      )
    }
  }

  async #load(name: string): Promise<MigrationModule> {
    return (await import(pathToFileURL(join(this.directory, `${name}.js`)).href)) as MigrationModule
  }

  #locked<T>(run: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
    return this.knex.transaction(async trx => {
      if (this.dialect === 'postgres') await trx.raw('select pg_advisory_xact_lock(?)', [advisoryLock])
      return run(trx)
    })
  }
}
